import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { UsagePortion, UsageStore } from '../domain/stores.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import type { LiveConnection } from './live-connection.ts';

/** A `kill -9` loses at most this much and one running flush. */
const FLUSH_INTERVAL_MS = 3_000;

interface Counted {
  readonly connection: LiveConnection;
  readonly portion: UsagePortion;
}

/**
 * Brings counted bytes and numbers of open flows to the database every few seconds. What could not be stored stays in the counters and goes
 * with the next flush, so a database that is away loses nothing while the process lives.
 */
export class UsageRecorder {
  readonly #directory: ConnectionDirectory;
  readonly #store: UsageStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #timer: Timer;
  #running: Promise<void> | null = null;

  constructor(directory: ConnectionDirectory, store: UsageStore, clock: Clock, log: Logger) {
    this.#directory = directory;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#timer = clock.setInterval(() => void this.flush(), FLUSH_INTERVAL_MS);
  }

  /** Stores everything counted so far; joins a flush that is under way. Never rejects. */
  flush(): Promise<void> {
    this.#running ??= this.#flushOnce().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#timer.cancel();
    await this.#running;
    await this.flush();
  }

  async #flushOnce(): Promise<void> {
    const counted = [...this.#directory.metered()].flatMap((connection) => countedOf(connection));
    if (counted.length === 0) return;
    try {
      await this.#store.add(
        counted.map(({ portion }) => portion),
        new Date(this.#clock.now()),
      );
    } catch (error) {
      this.#log.warn({ err: error, connections: counted.length }, 'usage not stored, will try again');
      return;
    }
    for (const { connection, portion } of counted) connection.noteStored(portion);
  }
}

function countedOf(connection: LiveConnection): Counted[] {
  const portion = connection.portion();
  return portion ? [{ connection, portion }] : [];
}
