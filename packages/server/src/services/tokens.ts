import { hash } from 'node:crypto';
import type { Clock } from '@pocketproxy/runtime';
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Auth, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_LIFETIME_SECONDS } from './auth.ts';
import { ExpiringMap } from './expiring-map.ts';

/** What a token says: whose session it stands for. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Keys are looked up again for a token with an unknown key, but not more often than this. */
const RELOAD_AT_MOST_EVERY_MS = 10_000;
const MAX_VERIFIED = 10_000;

/** Signs the API's bearer tokens with keys from the database and verifies them with cached ones. */
export class Tokens {
  readonly #auth: Auth;
  readonly #clock: Clock;
  /**
   * By the hash of a token whose signature was right: a thread of its own checks a signature, for which every request
   * would otherwise wait.
   */
  readonly #verified: ExpiringMap<TokenClaims>;
  #keys: Promise<KeySet> | null = null;
  #loadedAt = 0;

  constructor(auth: Auth, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
    this.#verified = new ExpiringMap(clock, MAX_VERIFIED);
  }

  async issue({ userId, sessionId }: TokenClaims): Promise<IssuedToken> {
    const iat = Math.floor(this.#clock.now() / 1000);
    const payload = { sub: userId, sid: sessionId, iat };
    const { token } = await this.#auth.api.signJWT({ body: { payload } });
    return { token, expiresAt: new Date((iat + TOKEN_LIFETIME_SECONDS) * 1000) };
  }

  /** `null` for anything that is not a token of ours that is valid now. */
  async verify(token: string): Promise<TokenClaims | null> {
    const key = hash('sha256', token);
    const known = this.#verified.get(key);
    if (known) return known;
    const payload = await this.#payloadOf(token);
    const { sub, sid, exp } = payload ?? {};
    if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined) return null;
    const claims = { userId: sub, sessionId: sid };
    this.#verified.set(key, claims, exp * 1000);
    return claims;
  }

  async #payloadOf(token: string): Promise<JWTPayload | null> {
    const options = {
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      algorithms: ['EdDSA'],
      requiredClaims: ['exp', 'sub', 'sid'],
      currentDate: new Date(this.#clock.now()),
    };
    for (;;) {
      const keys = await this.#loadKeys();
      try {
        return (await jwtVerify(token, keys, options)).payload;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // Another control process may have made a new key.
        if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayReload()) return null;
        this.#keys = null;
      }
    }
  }

  #mayReload(): boolean {
    return this.#clock.now() - this.#loadedAt >= RELOAD_AT_MOST_EVERY_MS;
  }

  #loadKeys(): Promise<KeySet> {
    if (this.#keys) return this.#keys;
    this.#loadedAt = this.#clock.now();
    const keys = this.#auth.api
      .getJwks()
      .then((set) => createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0]));
    // A failed look-up is not kept.
    keys.catch(() => {
      if (this.#keys === keys) this.#keys = null;
    });
    this.#keys = keys;
    return keys;
  }
}
