import type { LoginBody } from '@pocketproxy/protocol/api';
import { isAPIError } from 'better-auth/api';
import { eq } from 'drizzle-orm';
import { session } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { endSession } from '../db/user-rows.ts';
import { API_KEY_PREFIX } from './api-keys.ts';
import type { Auth } from './auth.ts';
import { type Caller, cookiesOf, headersOf } from './caller.ts';
import type { LoginAttempts } from './login-attempts.ts';
import type { Principal } from './permissions.ts';
import type { Principals } from './principals.ts';
import { ServiceError } from './service-error.ts';
import type { SignInLog } from './sign-in-log.ts';
import type { IssuedToken, Tokens } from './tokens.ts';
import type { SignedIn, TwoFactor } from './two-factor.ts';

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
  readonly attempts: LoginAttempts;
  readonly twoFactor: TwoFactor;
  readonly signIns: Pick<SignInLog, 'begun' | 'ended'>;
}

/** Logging in and out, and telling who sent a request. */
export class Identity {
  readonly #options: IdentityOptions;

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /**
   * @throws {ServiceError} `invalid_credentials`, `account_disabled`, `two_factor_required`,
   * `invalid_two_factor_code`, `rate_limited`
   */
  async login({ email, password, code }: LoginBody, caller: Caller): Promise<Grant> {
    const { attempts, twoFactor, signIns } = this.#options;
    const grant = await attempts.run({ email, caller, principal: null }, async () => {
      const first = await this.#checkPassword(email, password, caller);
      if ('token' in first.response && first.response.token) return await this.#grantSignedIn(first);
      // With a second factor the library ends the session again and lets a cookie stand for the half-done login.
      if (code === undefined) throw new ServiceError('two_factor_required');
      const halfDone = { ...caller, cookie: cookiesOf(first.headers) };
      return await this.#grantSignedIn(await twoFactor.finishLogin(headersOf(halfDone), email, code));
    });
    await signIns.begun(grant.principal, caller);
    return grant;
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

  /** Whom a bearer token or an API key stands for; `null` when it is not valid or its session has ended. */
  async authenticate(token: string): Promise<Principal | null> {
    const { tokens, principals } = this.#options;
    if (token.startsWith(API_KEY_PREFIX)) return await principals.ofApiKey(token);
    const claims = await tokens.verify(token);
    const principal = claims && (await principals.ofSession(claims.sessionId));
    return principal && principal.userId === claims?.userId ? principal : null;
  }

  /** Calls `listener` when what this user may do may have changed. Answers a function that stops it. */
  onRightsChanged(userId: string, listener: () => void): () => void {
    return this.#options.principals.onForgotten((whose) => {
      if (whose === null || whose === userId) listener();
    });
  }

  /** Ends the session that asks: its tokens and its cookie count no more, here and in every process. */
  async logout(principal: Principal, caller: Caller): Promise<void> {
    const { db, principals, signIns } = this.#options;
    const { userId, sessionId } = principal;
    if (sessionId !== null) await endSession(db, userId, sessionId);
    principals.forgetUser(userId);
    await signIns.ended(principal, caller);
  }

  async #checkPassword(email: string, password: string, caller: Caller) {
    const body = { email, password };
    return await this.#options.auth.api
      .signInEmail({ body, headers: headersOf(caller), returnHeaders: true })
      .catch((error: unknown) => {
        throw refusalOf(error);
      });
  }

  async #grantSignedIn({ response, headers }: SignedIn): Promise<Grant> {
    const [row] = await this.#options.db
      .select({ id: session.id })
      .from(session)
      .where(eq(session.token, response.token ?? ''));
    if (!row) throw new ServiceError('invalid_credentials');
    return await this.#grant(row.id, headers.getSetCookie());
  }

  async #grant(sessionId: string, setCookies: readonly string[]): Promise<Grant> {
    const principal = await this.#options.principals.ofSession(sessionId);
    if (!principal) throw new ServiceError('account_disabled');
    const issued = await this.#options.tokens.issue({ userId: principal.userId, sessionId });
    return { ...issued, principal, setCookies };
  }
}

/** better-auth's refusals by their code; what is not a refusal goes on unchanged. */
function refusalOf(error: unknown): ServiceError {
  if (!isAPIError(error)) throw error;
  const code = (error.body as { code?: string } | undefined)?.code;
  if (code === 'BANNED_USER') return new ServiceError('account_disabled', undefined, { cause: error });
  if (error.statusCode < 500) return new ServiceError('invalid_credentials', undefined, { cause: error });
  throw error;
}
