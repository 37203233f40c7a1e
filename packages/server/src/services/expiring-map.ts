import type { Clock } from '@pocketproxy/runtime';

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

/** A map of bounded size whose entries end by themselves; when it is full, the one that was set first goes. */
export class ExpiringMap<Value> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > this.#clock.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** `until` in milliseconds since 1970. */
  set(key: string, value: Value, until: number): void {
    // A Map iterates in the order of insertion: the first is the oldest.
    const oldest = this.#entries.size >= this.#maxEntries ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, until });
  }
}
