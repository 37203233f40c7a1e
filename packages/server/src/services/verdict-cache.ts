import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@pocketproxy/runtime';

interface Verdict {
  readonly matches: boolean;
  readonly until: number;
}

export interface VerdictCacheOptions {
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly positiveMs: number;
  readonly negativeMs: number;
}

/**
 * Remembers whether a password matched a hash. Entries are keyed by a hash under a key that lives and dies with
 * this object, so memory holds no password. A changed password has another hash and thus another entry.
 */
export class VerdictCache {
  readonly #options: VerdictCacheOptions;
  readonly #key = randomBytes(32);
  readonly #verdicts = new Map<string, Verdict>();

  constructor(options: VerdictCacheOptions) {
    this.#options = options;
  }

  keyOf(hash: string, password: string): string {
    return createHmac('sha256', this.#key).update(`${hash}\n${password}`).digest('base64');
  }

  get(key: string): boolean | undefined {
    const verdict = this.#verdicts.get(key);
    if (!verdict) return undefined;
    if (verdict.until > this.#options.clock.now()) return verdict.matches;
    this.#verdicts.delete(key);
    return undefined;
  }

  set(key: string, matches: boolean): void {
    const { clock, maxEntries, positiveMs, negativeMs } = this.#options;
    // A Map iterates in the order of insertion: the first is the oldest.
    const oldest = this.#verdicts.size >= maxEntries ? this.#verdicts.keys().next().value : undefined;
    if (oldest !== undefined) this.#verdicts.delete(oldest);
    this.#verdicts.set(key, { matches, until: clock.now() + (matches ? positiveMs : negativeMs) });
  }
}
