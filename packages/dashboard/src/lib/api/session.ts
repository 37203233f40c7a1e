import type { TokenGrant } from '@pocketproxy/protocol/api';
import { ApiError, hasCode, refusalOf } from './api-error.ts';

/** Who is signed in. `unknown` until the cookie was tried; `expired` when a session ended by itself. */
export type SessionState =
  | { readonly status: 'unknown' }
  | { readonly status: 'signed-out'; readonly expired: boolean }
  | { readonly status: 'signed-in'; readonly user: TokenGrant['user'] };

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Second factor, once the server has asked for it. */
  readonly code?: string | undefined;
}

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** A token that ends sooner than this is renewed before it is used, in milliseconds. */
const RENEW_BEFORE_MS = 30_000;
/** Whoever signs out wants to be gone, also while the server is silent. */
const SIGN_OUT_WITHIN_MS = 5_000;

/**
 * The token, which lives in memory only, and the cookie that gets the next one. However many calls find it expired, it
 * is renewed once.
 */
export class Session {
  readonly #fetch: Fetch;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { status: 'unknown' };
  #grant: TokenGrant | null = null;
  #renewing: Promise<TokenGrant> | null = null;
  /** Grows when somebody signs out, so that a grant that comes late signs nobody in. */
  #signedOut = 0;

  constructor(fetch: Fetch = (input, init) => globalThis.fetch(input, init), now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#now = now;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Calls `listener` when `state` has changed. Answers a function that stops it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @throws {ApiError} `invalid_credentials`, `two_factor_required`, `invalid_two_factor_code`, `rate_limited`, ... */
  async signIn(credentials: Credentials): Promise<void> {
    this.#accept(await this.#post('/api/v1/auth/login', credentials));
  }

  /**
   * Makes a call that ends this session and grants another, such as turning on the second factor. Whoever finds the old
   * one ended before the answer is here waits for it: the old cookie would sign this page out.
   * @throws {ApiError} what the call is refused with
   */
  async replace(path: string, body: object): Promise<void> {
    const token = await this.token();
    const replacing = this.#post(path, body, token).then((grant) => {
      this.#accept(grant);
      return grant;
    });
    await this.#whileRenewing(replacing);
  }

  #accept(grant: TokenGrant): void {
    const state = this.#state;
    // Somebody else has signed in meanwhile, in another window: to this page the first one has signed out.
    if (state.status === 'signed-in' && state.user.id !== grant.user.id) {
      this.#become({ status: 'signed-out', expired: false });
    }
    this.#grant = grant;
    this.#become({ status: 'signed-in', user: grant.user });
  }

  /**
   * Ends the session here and on the server; here also when the server cannot be reached. Answers whether the server
   * knows: if not, the cookie would sign the next visitor of this browser in.
   */
  async signOut(): Promise<boolean> {
    // A token that has run out, as after a night's sleep, would be refused: the session would go on.
    const token = await within(SIGN_OUT_WITHIN_MS, this.token()).catch((error: unknown) =>
      hasCode(error, 'unauthenticated') ? 'ended' : null,
    );
    this.#signedOut += 1;
    this.#grant = null;
    this.#become({ status: 'signed-out', expired: false });
    if (token === null || token === 'ended') return token !== null;
    const init = { method: 'POST', headers: { authorization: `Bearer ${token}` } };
    // Refused with 401, it has ended before.
    return await this.#fetch('/api/v1/auth/logout', init).then(
      ({ ok, status }) => ok || status === 401,
      () => false,
    );
  }

  /** Finds out who is signed in from an earlier visit. */
  async restore(): Promise<SessionState> {
    if (this.#state.status === 'unknown') await this.renew().catch(() => {});
    // The server cannot be reached: signing in will say so.
    if (this.#state.status === 'unknown') this.#become({ status: 'signed-out', expired: false });
    return this.#state;
  }

  /**
   * A token that is good for a while.
   * @throws {ApiError} `unauthenticated` when the session has ended, `unreachable`
   */
  async token(): Promise<string> {
    const grant = this.#grant;
    if (grant && Date.parse(grant.expiresAt) - this.#now() > RENEW_BEFORE_MS) return grant.token;
    if (this.#state.status === 'signed-out') throw new ApiError('unauthenticated', 'Sign in first');
    return (await this.renew()).token;
  }

  /** Gets the next token by the cookie. Whoever asks meanwhile gets the same. */
  renew(): Promise<TokenGrant> {
    return this.#renewing ?? this.#whileRenewing(this.#renew());
  }

  #whileRenewing(grant: Promise<TokenGrant>): Promise<TokenGrant> {
    const renewing = grant.finally(() => {
      if (this.#renewing === renewing) this.#renewing = null;
    });
    this.#renewing = renewing;
    return renewing;
  }

  async #renew(): Promise<TokenGrant> {
    const [before, signedOut] = [this.#state.status, this.#signedOut];
    try {
      const grant = await this.#post('/api/v1/auth/refresh');
      if (signedOut !== this.#signedOut) throw new ApiError('unauthenticated', 'Sign in first');
      this.#accept(grant);
      return grant;
    } catch (error) {
      // Anything else, such as a server that restarts, may be over soon.
      if (signedOut === this.#signedOut && hasCode(error, 'unauthenticated', 'account_disabled')) {
        this.#grant = null;
        this.#become({ status: 'signed-out', expired: before === 'signed-in' });
      }
      throw error;
    }
  }

  async #post(path: string, body?: object, token?: string): Promise<TokenGrant> {
    const headers: Record<string, string> = {};
    if (body) headers['content-type'] = 'application/json';
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const init: RequestInit = { method: 'POST', credentials: 'same-origin', headers };
    if (body) init.body = JSON.stringify(body);
    const answer = await this.#fetch(path, init).catch(() => {
      throw new ApiError('unreachable', 'The server cannot be reached. Check the network, then try again.');
    });
    if (!answer.ok) throw await refusalOf(answer);
    return (await answer.json()) as TokenGrant;
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Rejects when `promise` takes longer than `ms`; it goes on all the same. */
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ApiError('unreachable', 'The server does not answer')), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The session of this page. */
export const session = new Session();
