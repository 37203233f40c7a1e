import type { Logger } from '@pocketproxy/runtime';
import type postgres from 'postgres';
import type { Bus, BusEvent } from '../domain/bus.ts';
import { connect, type DatabaseAddress } from './database.ts';
import { BUS_CHANNEL } from './notify.ts';

type Handler = (event: BusEvent) => void;

/** The bus over LISTEN/NOTIFY. Has a connection of its own, which is made again whenever it is lost. */
export class PostgresBus implements Bus {
  readonly #client: postgres.Sql;
  readonly #log: Logger;
  readonly #handlers = new Map<BusEvent['type'], Set<Handler>>();
  readonly #resyncHandlers = new Set<() => void>();
  #listening = false;

  constructor(address: DatabaseAddress, log: Logger) {
    // One connection to publish by; the driver opens another to listen on.
    this.#client = connect({ address, log, maxConnections: 1 });
    this.#log = log;
  }

  /** Resolves when events arrive. */
  async start(): Promise<void> {
    await this.#client.listen(
      BUS_CHANNEL,
      (payload) => this.#dispatch(payload),
      // The driver calls this after the first LISTEN and after each one on a new connection.
      () => this.#onListening(),
    );
  }

  async stop(): Promise<void> {
    await this.#client.end({ timeout: 1 });
  }

  async publish(event: BusEvent): Promise<void> {
    await this.#client.notify(BUS_CHANNEL, JSON.stringify(event));
  }

  subscribe<T extends BusEvent['type']>(
    type: T,
    handler: (event: Extract<BusEvent, { type: T }>) => void,
  ): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    handlers.add(handler as Handler);
    return () => handlers.delete(handler as Handler);
  }

  onResync(handler: () => void): () => void {
    this.#resyncHandlers.add(handler);
    return () => this.#resyncHandlers.delete(handler);
  }

  #onListening(): void {
    const again = this.#listening;
    this.#listening = true;
    if (!again) return;
    this.#log.warn('bus connection is back; reloading what may have changed');
    for (const handler of this.#resyncHandlers) this.#call(handler);
  }

  #dispatch(payload: string): void {
    const event = parseEvent(payload);
    if (!event) {
      this.#log.warn({ length: payload.length }, 'ignored an unknown bus event');
      return;
    }
    for (const handler of this.#handlers.get(event.type) ?? []) this.#call(() => handler(event));
  }

  /** One subscriber's mistake must not keep the others from hearing, nor end the LISTEN connection. */
  #call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#log.error({ err: error }, 'bus subscriber failed');
    }
  }
}

/** A newer process may send what this one does not know: such events are skipped. */
function parseEvent(payload: string): BusEvent | null {
  try {
    const value: unknown = JSON.parse(payload);
    const known = typeof value === 'object' && value !== null && 'type' in value;
    return known ? (value as BusEvent) : null;
  } catch {
    return null;
  }
}
