import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../harness/child.ts';
import { until } from '../harness/until.ts';
import { Disturbances, RELAY } from '../load/disturbances.ts';
import { Generator } from '../load/generator.ts';
import { type LoadOptions, LoadSystem } from '../load/load-system.ts';
import { Outcomes } from '../load/outcomes.ts';
import { seededRandom } from '../load/seeded-random.ts';
import { serverFigures } from '../load/server-figures.ts';

const INTERVAL_MS = 1_000;
const LISTENING_WITHIN_MS = 30_000;
/** Before a phone that is back must answer: its session is registered a moment after its handshake. */
const GRACE_MS = 1_000;

/** One second after a restart. */
export interface RestartSecond {
  /** Seconds since the signal. */
  readonly at: number;
  readonly phonesBack: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** Of quick flows over phones that are back. */
  readonly p95Ms: number | null;
  readonly unexplained: Readonly<Record<string, number>>;
}

/** How one restart went. */
export interface RestartReport {
  readonly signal: 'SIGTERM' | 'SIGKILL';
  /** From the new process's start to a TCP connection, by port. */
  readonly listeningMs: Readonly<Record<'api' | 'tunnel' | 'proxy', number>>;
  /** From the new process's start until so many phones had a session; `null` when that never happened. */
  readonly backMs: Readonly<Record<'half' | 'most' | 'all', number | null>>;
  /** Phones that came in each second since the new process's start. */
  readonly arrivalsPerSecond: readonly number[];
  readonly worstLoopMs: number;
  /** Flows over phones that were back and failed all the same. */
  readonly unexplained: number;
  readonly seconds: readonly RestartSecond[];
}

/** A server with a crowd of phones and some traffic, which is restarted. */
export class CrowdRestart {
  readonly system: LoadSystem;
  readonly #phones: number;
  readonly #outcomes = new Outcomes();
  readonly #disturbances = new Disturbances();
  readonly #generator: Generator;

  private constructor(system: LoadSystem, phones: number) {
    this.system = system;
    this.#phones = phones;
    this.#generator = new Generator(system.customers, {
      ...{ origin: system.origin, outcomes: this.#outcomes, disturbances: this.#disturbances },
      random: seededRandom(1),
      onUnexplained: () => {},
    });
  }

  /** Starts everything; resolves when all phones are online. */
  static async start(options: LoadOptions): Promise<CrowdRestart> {
    // What the server logs tells when each phone came.
    const system = await LoadSystem.start({ ...options, env: { POCKETPROXY_LOG_LEVEL: 'info' } });
    const { steady, gated, killed } = options.fleet;
    return new CrowdRestart(system, steady + gated + killed);
  }

  /** Restarts under traffic, and watches for at most `watchMs` until all phones are back, and some seconds more. */
  async restart(
    signal: 'SIGTERM' | 'SIGKILL',
    flowsPerSecond: number,
    watchMs: number,
  ): Promise<RestartReport> {
    const { server, customers } = this.system;
    this.#generator.rate = flowsPerSecond;
    await delay(2 * INTERVAL_MS);
    const overs = customers.map(({ phone }) => this.#disturbances.begin(phone));
    const relayIsBack = this.#disturbances.begin(RELAY);
    this.#outcomes.take();
    await server.end(signal);
    const startedAt = performance.now();
    const launched = server.launch();
    const arrivals = this.#watchArrivals(server.child, startedAt, (deviceId) => {
      const phone = customers.findIndex(({ connection }) => connection.deviceId === deviceId);
      if (phone >= 0) setTimeout(() => overs[phone]!(), GRACE_MS);
    });
    const listening = await this.#listening(startedAt);
    relayIsBack();
    await launched;
    const seconds = await this.#watch(arrivals, startedAt, watchMs);
    this.#generator.rate = 0;
    return {
      signal,
      listeningMs: listening,
      backMs: {
        half: arrivals[Math.ceil(this.#phones / 2) - 1] ?? null,
        most: arrivals[Math.ceil(this.#phones * 0.95) - 1] ?? null,
        all: arrivals[this.#phones - 1] ?? null,
      },
      arrivalsPerSecond: perSecond(arrivals),
      worstLoopMs: Math.max(...seconds.map(({ loopMaxMs }) => loopMaxMs)),
      unexplained: seconds.reduce((sum, { unexplained }) => sum + count(unexplained), 0),
      seconds,
    };
  }

  async destroy(): Promise<void> {
    this.#generator.stop();
    await this.system.destroy();
  }

  /** When each phone came for the first time, in milliseconds; grows. */
  #watchArrivals(child: Child, startedAt: number, onArrival: (deviceId: string) => void): readonly number[] {
    const arrivals: number[] = [];
    const seen = new Set<string>();
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const deviceId = /"deviceId":"([^"]+)".*"msg":"device connected"/.exec(line)?.[1];
        if (deviceId === undefined || seen.has(deviceId)) continue;
        seen.add(deviceId);
        arrivals.push(performance.now() - startedAt);
        onArrival(deviceId);
      }
    });
    return arrivals;
  }

  async #listening(startedAt: number): Promise<RestartReport['listeningMs']> {
    const { ports } = this.system.server;
    const since = async (port: number): Promise<number> => {
      await accepts(port);
      return performance.now() - startedAt;
    };
    const last = this.system.customers.at(-1)!.connection.port;
    const [api, tunnel, proxy] = await Promise.all([since(ports.http), since(ports.tunnel), since(last)]);
    return { api, tunnel, proxy };
  }

  async #watch(arrivals: readonly number[], startedAt: number, watchMs: number): Promise<RestartSecond[]> {
    const { api } = this.system.server;
    const seconds: RestartSecond[] = [];
    let calmSeconds = 0;
    while (performance.now() - startedAt < watchMs && calmSeconds < 5) {
      await delay(INTERVAL_MS);
      const { loopP99Ms, loopMaxMs } = await serverFigures(api);
      const { p95Ms, unexplained } = this.#outcomes.take();
      seconds.push({
        at: (performance.now() - startedAt) / 1_000,
        phonesBack: arrivals.length,
        ...{ loopP99Ms, loopMaxMs, p95Ms, unexplained },
      });
      if (arrivals.length >= this.#phones) calmSeconds += 1;
    }
    return seconds;
  }
}

/** Resolves when a TCP connection to the port comes about. */
async function accepts(port: number): Promise<void> {
  const attempt = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  await until(`port ${port} to listen`, attempt, LISTENING_WITHIN_MS);
}

function perSecond(arrivals: readonly number[]): number[] {
  const counts = new Array<number>(Math.floor((arrivals.at(-1) ?? 0) / 1_000) + 1).fill(0);
  for (const at of arrivals) counts[Math.floor(at / 1_000)]! += 1;
  return counts;
}

function count(failures: Readonly<Record<string, number>>): number {
  return Object.values(failures).reduce((sum, number) => sum + number, 0);
}
