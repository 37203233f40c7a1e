import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@pocketproxy/runtime';
import { ExpiringMap } from './expiring-map.ts';

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
  readonly #verdicts: ExpiringMap<boolean>;

  constructor(options: VerdictCacheOptions) {
    this.#options = options;
    this.#verdicts = new ExpiringMap(options.clock, options.maxEntries);
  }

  keyOf(hash: string, password: string): string {
    return createHmac('sha256', this.#key).update(`${hash}\n${password}`).digest('base64');
  }

  get(key: string): boolean | undefined {
    return this.#verdicts.get(key);
  }

  set(key: string, matches: boolean): void {
    const { clock, positiveMs, negativeMs } = this.#options;
    this.#verdicts.set(key, matches, clock.now() + (matches ? positiveMs : negativeMs));
  }
}
