import type { FlowErrorCode } from '@pocketproxy/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RelayGauges, RelayMetrics } from '../domain/metrics.ts';
import type { RotationResult } from '../domain/rotation.ts';

/** Numbers that only the database has; asked for with each scrape. */
export interface StoredNumbers {
  readonly devices: Readonly<Record<'online' | 'reconnecting' | 'offline', number>>;
  readonly connections: Readonly<Record<'enabled' | 'disabled', number>>;
}

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 120];

/** Everything that `/metrics` tells, in Prometheus' terms: base units, `_total` for what only grows. */
export class ServerMetrics implements RelayMetrics {
  readonly #registry = new Registry();
  /** Counted for every flow, and told to the registry when somebody asks: finding a label's counter costs more. */
  readonly #flows = { tcp: 0, udp: 0 };
  readonly #vpnSessions = this.#counter('vpn_sessions_opened_total', 'VPN clients let in', []);
  readonly #refused = this.#counter('flows_refused_total', 'Flows and clients refused, by error code', [
    'code',
  ]);
  readonly #bytes = this.#counter(
    'traffic_bytes_total',
    'Bytes of customers; up is towards the destination',
    ['direction'],
  );
  readonly #rotations = this.#counter('rotations_total', 'Rotations that ended', ['status', 'reason']);
  readonly #requests = new Histogram({
    name: 'pocketproxy_http_request_duration_seconds',
    help: 'Time that API requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.#registry],
  });

  readonly #overload = new Map<string, () => number>();

  /** Also reports on the process: CPU, memory, descriptors, event loop. */
  constructor(version: string) {
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'pocketproxy_build_info',
      help: 'Version of this program',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version }, 1);
    const flows = this.#flows;
    new Counter({
      name: 'pocketproxy_flows_opened_total',
      help: 'Flows opened through phones',
      labelNames: ['kind'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [kind, opened] of Object.entries(flows)) this.inc({ kind }, opened);
      },
    });
    const overload = this.#overload;
    new Gauge({
      name: 'pocketproxy_overloaded',
      help: '1 while new flows are refused, by what there is too little of',
      labelNames: ['reason'],
      registers: [this.#registry],
      collect() {
        for (const [reason, read] of overload) this.set({ reason }, read());
      },
    });
    // So that a rate can be told from the first event on.
    for (const direction of ['up', 'down']) this.#bytes.inc({ direction }, 0);
  }

  flowOpened(kind: 'tcp' | 'udp'): void {
    this.#flows[kind] += 1;
  }

  vpnSessionOpened(): void {
    this.#vpnSessions.inc();
  }

  flowRefused(code: FlowErrorCode): void {
    this.#refused.inc({ code });
  }

  counted(bytesUp: number, bytesDown: number): void {
    this.#bytes.inc({ direction: 'up' }, bytesUp);
    this.#bytes.inc({ direction: 'down' }, bytesDown);
  }

  rotationEnded(status: RotationResult['status'], reason: string | null): void {
    this.#rotations.inc({ status, reason: reason ?? '' });
  }

  /** `route`: its pattern, never a path with ids. */
  requestDone(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  /** Adds what a relay in this process has. */
  watchRelay(relay: RelayGauges): void {
    this.#gauge('tunnel_devices', 'Devices with a tunnel to this relay', relay.sessions);
    this.#gauge('flows_open', 'Open TCP flows and UDP associations', relay.flows);
    this.#gauge('flows_limit', 'Flows beyond are refused', relay.maxFlows);
    this.#gauge('vpn_sessions_open', 'VPN clients that are connected', relay.vpnSessions);
    this.#gauge('clients_open', 'Sockets of customers', relay.clients);
    this.#gauge('clients_limit', 'Sockets beyond are refused: setting and descriptors', relay.maxClients);
    this.#gauge('memory_in_use_bytes', 'Memory that is needed, freed pages left out', relay.memoryInUse);
    this.#gauge('memory_limit_bytes', 'From here on new flows are refused', relay.maxMemory);
    for (const reason of ['flows', 'memory', 'descriptors'] as const) {
      // One by one, so that each is there with 0 before it ever happens.
      this.#overload.set(reason, () => (relay.shortage() === reason ? 1 : 0));
    }
  }

  /** Adds what the database has. A database that is away leaves these out and the rest in. */
  watchDatabase(load: () => Promise<StoredNumbers>): void {
    // Both are collected at the same time, and loaded once.
    let loading: Promise<StoredNumbers | null> | null = null;
    const loadOnce = () => {
      loading ??= load()
        .catch(() => null)
        .finally(() => {
          loading = null;
        });
      return loading;
    };
    this.#stored('devices', 'Devices by status', 'status', async () => (await loadOnce())?.devices);
    this.#stored('connections', 'Connections by whether they are enabled', 'state', async () => {
      return (await loadOnce())?.connections;
    });
  }

  /** The exposition format, and its content type. */
  async render(): Promise<{ readonly text: string; readonly contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `pocketproxy_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `pocketproxy_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  #stored(
    name: string,
    help: string,
    label: string,
    load: () => Promise<Readonly<Record<string, number>> | undefined>,
  ): void {
    new Gauge({
      name: `pocketproxy_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      async collect() {
        const numbers = (await load()) ?? {};
        this.reset();
        for (const [value, count] of Object.entries(numbers)) this.set({ [label]: value }, count);
      },
    });
  }
}
