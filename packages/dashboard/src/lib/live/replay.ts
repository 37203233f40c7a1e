import type { LiveEvent } from '@pocketproxy/protocol/api';
import type { QueryClient } from '@tanstack/react-query';

/** More than happens while a list is read. */
const REMEMBERED = 5_000;

/**
 * An event that comes while a query reads is lost when the answer, which may be older, replaces what the event has
 * changed. So events since the beginning of a read are applied once more after it.
 */
export class Replay {
  readonly #apply: (event: LiveEvent) => void;
  readonly #now: () => number;
  /** When each running read has begun. */
  readonly #reads = new Map<string, number>();
  #events: { readonly at: number; readonly event: LiveEvent }[] = [];

  constructor(apply: (event: LiveEvent) => void, now: () => number = () => performance.now()) {
    this.#apply = apply;
    this.#now = now;
  }

  /** How many events are kept for reads under way. */
  get kept(): number {
    return this.#events.length;
  }

  /** Follows the reads of a client. Answers a function that stops it. */
  follow(client: QueryClient): () => void {
    return client.getQueryCache().subscribe((notice) => {
      // Nobody waits for it any more: the page was left, or somebody has signed out.
      if (notice.type === 'removed') this.#ended(notice.query.queryHash);
      if (notice.type !== 'updated') return;
      const { action, query } = notice;
      if (action.type === 'fetch') this.#reads.set(query.queryHash, this.#now());
      else if (action.type === 'error') this.#ended(query.queryHash);
      else if (action.type === 'success' && !action.manual) this.#replay(query.queryHash);
      // A read that was given up.
      else if (action.type === 'setState' && query.state.fetchStatus === 'idle') this.#ended(query.queryHash);
    });
  }

  receive(event: LiveEvent): void {
    if (this.#reads.size > 0) this.#events.push({ at: this.#now(), event });
    if (this.#events.length > REMEMBERED) this.#events = this.#events.slice(-REMEMBERED / 2);
    this.#apply(event);
  }

  #replay(hash: string): void {
    const begun = this.#reads.get(hash) ?? Number.POSITIVE_INFINITY;
    const missed = this.#events.filter(({ at }) => at >= begun);
    this.#ended(hash);
    for (const { event } of missed) this.#apply(event);
  }

  #ended(hash: string): void {
    this.#reads.delete(hash);
    if (this.#reads.size === 0) this.#events = [];
  }
}
