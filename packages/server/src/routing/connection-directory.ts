import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { Bus } from '../domain/bus.ts';
import type { Connection } from '../domain/connection.ts';
import type { ConnectionStore } from '../domain/stores.ts';
import { LiveConnection } from './live-connection.ts';

/** Opens and closes the ports of connections; implemented by the listeners. */
export interface Ports {
  /** Rejects with a reason that people understand, e.g. that the port is taken. */
  open(port: number): Promise<void>;
  /** Ends the listener and its client sockets. */
  close(port: number): void;
}

/** How late the end of a connection's time may be noticed, in milliseconds. */
const EXPIRY_CHECK_MS = 1_000;
const PORTS_AT_A_TIME = 250;
/** What could not be read once may have taken rights away, and nobody tells of it again. */
const RETRY_MS = 1_000;
/** Another program may have a port for a while. */
const PORT_RETRY_MS = 10_000;

/**
 * Every connection of this relay in memory, following the database by the bus. Nothing on the data path asks the
 * database, so a database that is away stops changes, not traffic; a connection that was never loaded is unknown and
 * therefore refused.
 */
export class ConnectionDirectory {
  readonly #store: ConnectionStore;
  readonly #bus: Bus;
  readonly #ports: Ports;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #byId = new Map<string, LiveConnection>();
  readonly #byPort = new Map<number, LiveConnection>();
  /** User names are unique and for life. */
  readonly #byUsername = new Map<string, LiveConnection>();
  /** Retired connections whose last bytes are not stored yet. */
  readonly #retired = new Set<LiveConnection>();
  /** Reloads run one after another, so that an older row never overwrites a newer one. */
  #work: Promise<void> = Promise.resolve();
  #retry: Timer | null = null;
  #stopped = false;

  constructor(store: ConnectionStore, bus: Bus, ports: Ports, clock: Clock, log: Logger) {
    this.#store = store;
    this.#bus = bus;
    this.#ports = ports;
    this.#clock = clock;
    this.#log = log;
  }

  /** Loads all connections, opens their ports and follows changes. Answers a function that stops following. */
  async start(): Promise<() => void> {
    const stops = [
      this.#bus.subscribe('connection.changed', ({ id }) => this.#enqueue(() => this.#reload(id))),
      this.#bus.onResync(() => this.#enqueue(() => this.#reloadAll())),
    ];
    await this.#reloadAll();
    const timers = [
      this.#clock.setInterval(() => this.#endExpired(), EXPIRY_CHECK_MS),
      this.#clock.setInterval(() => this.#enqueue(() => this.#openMissing()), PORT_RETRY_MS),
    ];
    return () => {
      this.#stopped = true;
      this.#retry?.cancel();
      for (const timer of timers) timer.cancel();
      for (const stop of stops) stop();
    };
  }

  byPort(port: number): LiveConnection | undefined {
    return this.#byPort.get(port);
  }

  byId(id: string): LiveConnection | undefined {
    return this.#byId.get(id);
  }

  byUsername(username: string): LiveConnection | undefined {
    return this.#byUsername.get(username);
  }

  /** Ends all flows of a device; those that are being opened may try again. */
  endFlowsOf(deviceId: string): void {
    for (const connection of this.#byId.values()) {
      if (connection.snapshot.deviceId === deviceId) connection.abortFlows();
    }
  }

  /** Everything that may hold bytes which are not stored yet. */
  *metered(): Iterable<LiveConnection> {
    yield* this.#byId.values();
    for (const connection of this.#retired) {
      if (connection.settled) this.#retired.delete(connection);
      else yield connection;
    }
  }

  /** Nothing in the database changes when a time comes, so nobody tells. */
  #endExpired(): void {
    const now = this.#clock.now();
    for (const connection of this.#byId.values()) {
      const used = connection.enders.size + connection.sessions.size > 0;
      if (used && connection.endedBy(now) !== null) connection.endAll();
    }
  }

  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch((error: unknown) => {
      this.#log.error({ err: error }, 'connections not reloaded, will try again');
      this.#reloadAllLater();
    });
  }

  #reloadAllLater(): void {
    if (this.#stopped || this.#retry !== null) return;
    this.#retry = this.#clock.setTimeout(() => {
      this.#retry = null;
      this.#enqueue(() => this.#reloadAll());
    }, RETRY_MS);
  }

  async #reloadAll(): Promise<void> {
    const rows = await this.#store.all();
    const known = new Set(rows.map((row) => row.id));
    for (const id of [...this.#byId.keys()]) if (!known.has(id)) this.#retire(id);
    // A port is open one turn of the event loop later, and turns are long while a crowd of phones comes back.
    for (let first = 0; first < rows.length; first += PORTS_AT_A_TIME) {
      await Promise.all(rows.slice(first, first + PORTS_AT_A_TIME).map((row) => this.#apply(row)));
    }
  }

  async #reload(id: string): Promise<void> {
    const row = await this.#store.byId(id);
    if (row) {
      const problem = await this.#apply(row);
      await this.#bus.publish({ type: 'connection.applied', id, version: row.version, problem });
    } else {
      this.#retire(id);
      await this.#bus.publish({ type: 'connection.applied', id, version: 0, problem: null });
    }
  }

  /** Answers what keeps the connection's port from being served, if anything. */
  async #apply(row: Connection): Promise<string | null> {
    const existing = this.#byId.get(row.id);
    existing?.update(row, this.#clock.now());
    const live = existing ?? new LiveConnection(row, this.#clock);
    this.#byId.set(row.id, live);
    this.#byUsername.set(row.username, live);
    if (this.#byPort.get(row.port) === live) return null;
    const problem = await this.#open(live);
    if (problem !== null) {
      this.#log.error({ connectionId: row.id, port: row.port, problem }, 'port of connection not opened');
    }
    return problem;
  }

  /** Answers what keeps the port from being opened, if anything. */
  async #open(live: LiveConnection): Promise<string | null> {
    const { port } = live.snapshot;
    try {
      await this.#ports.open(port);
      this.#byPort.set(port, live);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #openMissing(): Promise<void> {
    for (const live of this.#byId.values()) {
      const { id, port } = live.snapshot;
      if (this.#byPort.get(port) === live || (await this.#open(live)) !== null) continue;
      this.#log.info({ connectionId: id, port }, 'port of connection opened at last');
    }
  }

  #retire(id: string): void {
    const live = this.#byId.get(id);
    if (!live) return;
    this.#byId.delete(id);
    const { port, username } = live.snapshot;
    if (this.#byUsername.get(username) === live) this.#byUsername.delete(username);
    this.#retired.add(live);
    live.retire();
    if (this.#byPort.get(port) !== live) return;
    this.#byPort.delete(port);
    this.#ports.close(port);
  }
}
