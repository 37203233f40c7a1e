import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../harness/child.ts';
import { freePort, freePortRange } from '../harness/free-ports.ts';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { Customer } from './customer.ts';
import { AgentProcess, allOnline } from './fleet.ts';
import { NetworkGate } from './network-gate.ts';
import { ProcessProbe } from './process-probe.ts';

const ORIGIN = join(import.meta.dirname, 'origin-main.ts');
const PHONES_PER_PROCESS = 40;
/** A token of the API lives a quarter of an hour. */
const LOGIN_INTERVAL_MS = 5 * 60_000;

/** How many phones of a load get into trouble, and of which kind. */
export interface FleetPlan {
  readonly steady: number;
  /** The network between them and the relay is cut, each by itself. */
  readonly gated: number;
  /** Their process is killed, all at once. */
  readonly killed: number;
}

export interface LoadOptions {
  readonly fleet: FleetPlan;
  /** How many phones have a connection; all of them if left out. */
  readonly customers?: number;
  readonly phonesPerProcess?: number;
  /** Settings of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A part of the fleet, by index of its phones. */
export interface PhoneGroup {
  readonly process: AgentProcess;
  readonly phones: readonly number[];
}

interface LoadParts {
  readonly server: TestServer;
  readonly probe: ProcessProbe;
  readonly origin: { readonly tcp: number; readonly udp: number };
  /** By index of the phone: one for each of the first ones. */
  readonly customers: readonly Customer[];
  readonly steady: readonly PhoneGroup[];
  readonly killed: PhoneGroup | null;
  /** By index of the phone. */
  readonly gates: ReadonlyMap<number, NetworkGate>;
}

/** A server with a crowd of phones, a connection on each, and the origin that customers ask. */
export class LoadSystem implements LoadParts {
  readonly server;
  readonly probe;
  readonly origin;
  readonly customers;
  readonly steady;
  readonly killed;
  readonly gates;
  readonly #cleanUp: readonly (() => unknown)[];

  private constructor(parts: LoadParts, cleanUp: readonly (() => unknown)[]) {
    this.server = parts.server;
    this.probe = parts.probe;
    this.origin = parts.origin;
    this.customers = parts.customers;
    this.steady = parts.steady;
    this.killed = parts.killed;
    this.gates = parts.gates;
    this.#cleanUp = cleanUp;
  }

  /** Resolves when every phone is online. */
  static async start(options: LoadOptions): Promise<LoadSystem> {
    const cleanUp: (() => unknown)[] = [];
    try {
      return new LoadSystem(await build(options, cleanUp), cleanUp);
    } catch (error) {
      await endAll(cleanUp);
      throw error;
    }
  }

  /** Ids of devices by index of the phone. */
  deviceId(phone: number): string {
    return this.customers[phone]!.connection.deviceId;
  }

  async destroy(): Promise<void> {
    await endAll(this.#cleanUp);
  }
}

async function build(options: LoadOptions, cleanUp: (() => unknown)[]): Promise<LoadParts> {
  const folder = await mkdtemp(join(tmpdir(), 'pp-load-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const probe = new ProcessProbe(join(folder, 'probe'));
  const { steady, gated, killed } = options.fleet;
  const phones = steady + gated + killed;
  const ports = Math.min(options.customers ?? phones, phones);
  const server = await startServer(ports, probe, options.env);
  cleanUp.push(() => server.destroy());
  const login = setInterval(
    () => void server.api.login(ADMIN.email, ADMIN.password).catch(() => {}),
    LOGIN_INTERVAL_MS,
  );
  cleanUp.push(() => clearInterval(login));

  const { gates, groups } = await startPhones(server, options, cleanUp);
  const customers = await connect(server, groups, ports);
  await allOnline(server.api, phones);

  const originProcess = new Child([process.execPath, ORIGIN], { name: 'origin' });
  cleanUp.push(() => originProcess.kill());
  const [, tcp, udp] = await originProcess.log.waitFor(/^ready (\d+) (\d+)$/);
  return {
    ...{ server, probe, customers, gates },
    origin: { tcp: Number(tcp), udp: Number(udp) },
    steady: groups.filter(({ kind }) => kind === 'steady'),
    killed: groups.find(({ kind }) => kind === 'killed') ?? null,
  };
}

async function startServer(ports: number, probe: ProcessProbe, env: LoadOptions['env']): Promise<TestServer> {
  const first = await freePortRange(ports);
  return await TestServer.start({
    ports: { http: await freePort(), tunnel: await freePort(), firstProxy: first },
    env: {
      ...probe.env,
      POCKETPROXY_PORT_RANGE: `${first}-${first + ports - 1}`,
      POCKETPROXY_LOG_LEVEL: 'error',
      ...env,
    },
  });
}

interface KnownGroup extends PhoneGroup {
  readonly kind: keyof FleetPlan;
}

async function startPhones(
  server: TestServer,
  { fleet, phonesPerProcess = PHONES_PER_PROCESS }: LoadOptions,
  cleanUp: (() => unknown)[],
) {
  const gates = new Map<number, NetworkGate>();
  const groups: Promise<KnownGroup>[] = [];
  let next = 0;
  const add = (kind: keyof FleetPlan, count: number, rewrite?: (url: string, index: number) => string) => {
    const phones = Array.from({ length: count }, (_, index) => next + index);
    groups.push(startGroup(server, kind, phones, cleanUp, rewrite));
    next += count;
  };
  for (let left = fleet.steady; left > 0; left -= phonesPerProcess) {
    add('steady', Math.min(left, phonesPerProcess));
  }
  if (fleet.gated > 0) {
    const first = next;
    for (let index = 0; index < fleet.gated; index += 1) {
      const gate = await NetworkGate.start({ host: '127.0.0.1', port: server.ports.tunnel });
      gates.set(first + index, gate);
      cleanUp.push(() => gate.close());
    }
    add('gated', fleet.gated, (url, index) => throughGate(url, gates.get(first + index)!));
  }
  if (fleet.killed > 0) add('killed', fleet.killed);
  return { gates, groups: await Promise.all(groups) };
}

async function startGroup(
  server: TestServer,
  kind: keyof FleetPlan,
  phones: readonly number[],
  cleanUp: (() => unknown)[],
  rewrite?: (url: string, index: number) => string,
): Promise<KnownGroup> {
  const process = await AgentProcess.start(server, `${kind} ${phones[0]}`, phones.length, rewrite);
  cleanUp.push(() => process.destroy());
  return { kind, process, phones };
}

function throughGate(pairingUrl: string, gate: NetworkGate): string {
  const url = new URL(pairingUrl);
  url.port = String(gate.port);
  return url.href;
}

async function connect(
  server: TestServer,
  groups: readonly PhoneGroup[],
  count: number,
): Promise<Customer[]> {
  const customers: Customer[] = [];
  for (const { process, phones } of groups) {
    for (const [index, phone] of phones.entries()) {
      if (phone >= count) break;
      const deviceId = process.deviceIds[index]!;
      await server.api.changeDevice(deviceId, { allowPrivateDestinations: true });
      const connection = await server.api.createConnection({ deviceId, name: `Customer ${phone}` });
      customers.push(new Customer(connection, phone, `c${phone}`));
    }
  }
  return customers;
}

/** In the opposite order; one that fails does not keep the others. */
async function endAll(cleanUp: readonly (() => unknown)[]): Promise<void> {
  for (const end of cleanUp.toReversed()) {
    try {
      await end();
    } catch (error) {
      process.stderr.write(`Not cleaned up: ${String(error)}\n`);
    }
  }
}
