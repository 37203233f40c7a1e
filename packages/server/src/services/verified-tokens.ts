import { hash } from 'node:crypto';
import type { Clock } from '@pocketproxy/runtime';

/** What a token says: whose session it stands for. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
}

const MAX_TOKENS = 10_000;

interface Verified {
  readonly claims: TokenClaims;
  readonly expiresAt: number;
}

/**
 * Claims of tokens whose signature was right, until they expire: a signature is checked by a thread of its own, which
 * every request would otherwise wait for. Holds hashes, no tokens.
 */
export class VerifiedTokens {
  readonly #clock: Clock;
  readonly #byHash = new Map<string, Verified>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `null` for a token that was not added or has expired. */
  claimsOf(token: string): TokenClaims | null {
    const verified = this.#byHash.get(hash('sha256', token));
    return verified && verified.expiresAt > this.#clock.now() ? verified.claims : null;
  }

  /** `expiresAt` in milliseconds since 1970. */
  add(token: string, verified: Verified): void {
    // A Map iterates in the order of insertion: the first is the oldest.
    const oldest = this.#byHash.size >= MAX_TOKENS ? this.#byHash.keys().next().value : undefined;
    if (oldest !== undefined) this.#byHash.delete(oldest);
    this.#byHash.set(hash('sha256', token), verified);
  }
}
