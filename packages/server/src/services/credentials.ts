import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@pocketproxy/runtime';
import type { StoredCredential } from '../domain/connection.ts';
import type { CredentialVerifier } from '../domain/secrets.ts';
import type { PasswordHash } from './password-hash.ts';
import { randomText } from './random-text.ts';
import { VerdictCache } from './verdict-cache.ts';

/** 26 characters of 5 bits: 130 bits. */
const GENERATED_LENGTH = 26;

/** A new password, shown once, and what is kept of it. */
export interface NewCredential {
  readonly password: string;
  readonly credential: StoredCredential;
}

export interface ProxyCredentialsOptions {
  /** Key of generated passwords' hashes. */
  readonly key: Buffer;
  /** Hash of chosen passwords. */
  readonly slowHash: Pick<PasswordHash, 'hash' | 'verify'>;
  readonly clock: Clock;
}

/** Makes and checks the passwords of connections. */
export class ProxyCredentials implements CredentialVerifier {
  readonly #key: Buffer;
  readonly #slowHash: Pick<PasswordHash, 'hash' | 'verify'>;
  readonly #cache: VerdictCache;
  readonly #running = new Map<string, Promise<boolean>>();
  /** Digests of passwords that matched, under a salt that lives and dies with this object. */
  readonly #matched = new WeakMap<StoredCredential, Buffer>();
  readonly #salt = randomBytes(32).toString('base64');

  constructor({ key, slowHash, clock }: ProxyCredentialsOptions) {
    this.#key = key;
    this.#slowHash = slowHash;
    this.#cache = new VerdictCache({ clock, maxEntries: 10_000, positiveMs: 600_000, negativeMs: 10_000 });
  }

  /** A random password. */
  generate(): NewCredential {
    const password = randomText(GENERATED_LENGTH);
    return {
      password,
      credential: { scheme: 'hmac-sha256', hash: this.#fastHash(password).toString('hex') },
    };
  }

  /** What to store of a password that a person chose. @throws {FlowError} `overloaded` */
  async choose(password: string): Promise<NewCredential> {
    return { password, credential: { scheme: 'bcrypt', hash: await this.#slowHash.hash(password) } };
  }

  verify(credential: StoredCredential, password: string): boolean | Promise<boolean> {
    if (credential.scheme === 'hmac-sha256') return this.#verifyFast(credential, password);
    const key = this.#cache.keyOf(credential.hash, password);
    return (
      this.#cache.get(key) ?? this.#running.get(key) ?? this.#verifySlowly(key, credential.hash, password)
    );
  }

  /** Every flow comes here: what matched once is known again by a plain digest, at a fraction of the keyed hash. */
  #verifyFast(credential: StoredCredential, password: string): boolean {
    const digest = hash('sha256', this.#salt + password, 'buffer');
    const matched = this.#matched.get(credential);
    if (matched !== undefined && timingSafeEqual(matched, digest)) return true;
    const expected = Buffer.from(credential.hash, 'hex');
    const actual = this.#fastHash(password);
    const matches = expected.length === actual.length && timingSafeEqual(expected, actual);
    if (matches) this.#matched.set(credential, digest);
    return matches;
  }

  /** Fifty flows that start at once with the same password share one run. */
  #verifySlowly(key: string, hash: string, password: string): Promise<boolean> {
    const run = this.#slowHash
      .verify(hash, password)
      .then((matches) => {
        this.#cache.set(key, matches);
        return matches;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, run);
    return run;
  }

  #fastHash(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password, 'utf8').digest();
  }
}
