import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { UsageDelta, UsageStore } from '../domain/stores.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import type { LiveConnection } from './live-connection.ts';

/** A `kill -9` loses at most this much and one running flush. */
const FLUSH_INTERVAL_MS = 3_000;

interface Portion {
  readonly connection: LiveConnection;
  readonly delta: UsageDelta;
}

/**
 * Brings counted bytes to the database every few seconds. What could not be stored stays in the counters and goes
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
    const portions = [...this.#directory.metered()].flatMap((connection) => portionOf(connection));
    if (portions.length === 0) return;
    try {
      await this.#store.add(
        portions.map(({ delta }) => delta),
        new Date(this.#clock.now()),
      );
    } catch (error) {
      this.#log.warn({ err: error, connections: portions.length }, 'usage not stored, will try again');
      return;
    }
    for (const { connection, delta } of portions) {
      connection.flushed.up += delta.bytesUp;
      connection.flushed.down += delta.bytesDown;
    }
  }
}

function portionOf(connection: LiveConnection): Portion[] {
  const bytesUp = connection.meter.up - connection.flushed.up;
  const bytesDown = connection.meter.down - connection.flushed.down;
  if (bytesUp === 0 && bytesDown === 0) return [];
  const { id, organizationId, deviceId } = connection.snapshot;
  return [{ connection, delta: { connectionId: id, organizationId, deviceId, bytesUp, bytesDown } }];
}
