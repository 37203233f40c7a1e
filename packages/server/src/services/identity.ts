import { isIP } from 'node:net';
import { isAPIError } from 'better-auth/api';
import { and, eq } from 'drizzle-orm';
import { session } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { notify } from '../db/notify.ts';
import { API_KEY_PREFIX } from './api-keys.ts';
import type { Auth } from './auth.ts';
import type { Principal } from './permissions.ts';
import type { Principals } from './principals.ts';
import { ServiceError } from './service-error.ts';
import type { IssuedToken, Tokens } from './tokens.ts';

/** Counts failed attempts of a key and says when there were too many. */
export interface AttemptLimiter {
  allows(key: string): boolean;
  noteFailure(key: string): void;
}

/** Where a request came from, as far as identity cares. */
export interface Caller {
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly cookie: string | undefined;
}

/** A fresh token, and the cookies that let the browser get the next one. */
export interface Grant extends IssuedToken {
  readonly principal: Principal;
  readonly setCookies: readonly string[];
}

export interface IdentityOptions {
  readonly auth: Auth;
  readonly db: Db;
  readonly tokens: Tokens;
  readonly principals: Principals;
  /** Failures by address and user together: one attacker locks nobody else out. */
  readonly limiter: AttemptLimiter;
}

/** Logging in and out, and telling who sent a request. */
export class Identity {
  readonly #options: IdentityOptions;

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /** @throws {ServiceError} `invalid_credentials`, `account_disabled`, `two_factor_required`, `rate_limited` */
  async login(email: string, password: string, caller: Caller): Promise<Grant> {
    const { auth, db, limiter } = this.#options;
    const key = `${caller.address} ${email.toLowerCase()}`;
    if (!limiter.allows(key)) {
      throw new ServiceError('rate_limited', 'Too many failed logins; wait a minute', {
        retryAfterSeconds: 60,
      });
    }
    const signedIn = await auth.api
      .signInEmail({ body: { email, password }, headers: headersOf(caller), returnHeaders: true })
      .catch((error: unknown) => {
        const refusal = refusalOf(error);
        if (refusal.code === 'invalid_credentials') limiter.noteFailure(key);
        throw refusal;
      });
    // With a second factor the library ends the session again and answers something else.
    if (!('token' in signedIn.response) || !signedIn.response.token)
      throw new ServiceError('two_factor_required');
    const [row] = await db
      .select({ id: session.id })
      .from(session)
      .where(eq(session.token, signedIn.response.token));
    if (!row) throw new ServiceError('invalid_credentials');
    return await this.#grant(row.id, signedIn.headers.getSetCookie());
  }

  /** A new token for the session of the caller's cookie. @throws {ServiceError} `unauthenticated` */
  async refresh(caller: Caller): Promise<Grant> {
    const { headers, response } = await this.#options.auth.api.getSession({
      headers: headersOf(caller),
      returnHeaders: true,
    });
    if (!response) throw new ServiceError('unauthenticated', 'The session has ended; log in again');
    return await this.#grant(response.session.id, headers.getSetCookie());
  }

  /** Ends a session for good: its tokens and its cookie count no more, here and in every process. */
  async logout({ userId, sessionId }: Pick<Principal, 'userId' | 'sessionId'>): Promise<void> {
    const { db, principals } = this.#options;
    if (sessionId === null) return;
    await db.transaction(async (tx) => {
      await tx.delete(session).where(and(eq(session.id, sessionId), eq(session.userId, userId)));
      await notify(tx, [{ type: 'access.changed', userId }]);
    });
    principals.forgetUser(userId);
  }

  /** Whom a bearer token or an API key stands for; `null` when it is not valid or its session has ended. */
  async authenticate(token: string): Promise<Principal | null> {
    if (token.startsWith(API_KEY_PREFIX)) return await this.#options.principals.ofApiKey(token);
    const claims = await this.#options.tokens.verify(token);
    const principal = claims && (await this.#options.principals.ofSession(claims.sessionId));
    return principal && principal.userId === claims?.userId ? principal : null;
  }

  async #grant(sessionId: string, setCookies: readonly string[]): Promise<Grant> {
    const principal = await this.#options.principals.ofSession(sessionId);
    if (!principal) throw new ServiceError('account_disabled');
    const issued = await this.#options.tokens.issue({ userId: principal.userId, sessionId });
    return { ...issued, principal, setCookies };
  }
}

function headersOf({ address, userAgent, cookie }: Caller): Headers {
  const headers = new Headers();
  if (isIP(address)) headers.set('x-forwarded-for', address);
  if (userAgent !== undefined) headers.set('user-agent', userAgent.slice(0, 500));
  if (cookie !== undefined) headers.set('cookie', cookie);
  return headers;
}

/** better-auth's refusals by their code; what is not a refusal goes on unchanged. */
function refusalOf(error: unknown): ServiceError {
  if (!isAPIError(error)) throw error;
  const code = (error.body as { code?: string } | undefined)?.code;
  if (code === 'BANNED_USER') return new ServiceError('account_disabled', undefined, { cause: error });
  if (error.statusCode < 500) return new ServiceError('invalid_credentials', undefined, { cause: error });
  throw error;
}
