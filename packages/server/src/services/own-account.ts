import type { Clock } from '@pocketproxy/runtime';
import { and, desc, eq, gt } from 'drizzle-orm';
import { account, session } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { endSession, endSessions, setPasswordHash } from '../db/user-rows.ts';
import { type Caller, cookiesOf, headersOf } from './caller.ts';
import type { Grant, Identity } from './identity.ts';
import type { LoginAttempts } from './login-attempts.ts';
import type { PasswordHash } from './password-hash.ts';
import { requireGoodPassword } from './password-policy.ts';
import type { Principal } from './permissions.ts';
import type { Principals } from './principals.ts';
import { ServiceError } from './service-error.ts';
import type { SignInLog } from './sign-in-log.ts';
import type { TwoFactor } from './two-factor.ts';

export type SessionRecord = typeof session.$inferSelect;

export interface OwnAccountOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly identity: Pick<Identity, 'refresh'>;
  readonly principals: Pick<Principals, 'forgetUser'>;
  /** Who has a stolen session may guess the password no faster than who has none. */
  readonly attempts: LoginAttempts;
  readonly twoFactor: TwoFactor;
  readonly signIns: Pick<SignInLog, 'ended'>;
  readonly passwordHash: PasswordHash;
}

/** What people do with their own account. */
export class OwnAccount {
  readonly #options: OwnAccountOptions;

  constructor(options: OwnAccountOptions) {
    this.#options = options;
  }

  /** Logins of the caller that have not ended, newest first. */
  async sessions({ userId }: Principal): Promise<SessionRecord[]> {
    return await this.#options.db
      .select()
      .from(session)
      .where(and(eq(session.userId, userId), gt(session.expiresAt, new Date(this.#options.clock.now()))))
      .orderBy(desc(session.createdAt));
  }

  /** Ends one login of the caller. @throws {ServiceError} `not_found` */
  async endSession(principal: Principal, sessionId: string, caller: Caller): Promise<void> {
    const { db, principals, signIns } = this.#options;
    const { userId } = principal;
    const ended = await endSession(db, userId, sessionId);
    if (!ended) throw new ServiceError('not_found', 'There is no such session');
    principals.forgetUser(userId);
    await signIns.ended(principal, caller);
  }

  /**
   * Replaces the caller's password and ends all its other sessions.
   * @throws {ServiceError} `invalid_credentials`, `validation_failed`, `rate_limited`
   */
  async changePassword(principal: Principal, current: string, next: string, caller: Caller): Promise<void> {
    const { db, passwordHash, principals } = this.#options;
    const { userId, sessionId } = principal;
    await this.#guarded(principal, caller, () => this.#requirePassword(userId, current));
    await requireGoodPassword(next, principal, 'newPassword');
    const hash = await passwordHash.hash(next);
    await db.transaction(async (tx) => {
      await setPasswordHash(tx, userId, hash);
      await endSessions(tx, userId, sessionId);
    });
    principals.forgetUser(userId);
  }

  /** @throws {ServiceError} `invalid_credentials`, `two_factor_enabled`, `rate_limited` */
  async setUpTwoFactor(principal: Principal, password: string, caller: Caller) {
    const headers = await this.#sessionHeaders(principal, caller);
    return await this.#guarded(principal, caller, () => this.#options.twoFactor.setUp(headers, password));
  }

  /**
   * Asks for the second factor from now on. Sessions that were begun without it end; the caller's is replaced.
   * @throws {ServiceError} `invalid_two_factor_code`, `two_factor_not_set_up`, `rate_limited`
   */
  async enableTwoFactor(principal: Principal, code: string, caller: Caller): Promise<Grant> {
    const { twoFactor } = this.#options;
    const headers = await this.#sessionHeaders(principal, caller);
    const enabled = await this.#guarded(principal, caller, () =>
      twoFactor.enable(headers, principal.userId, code),
    );
    return await this.#replaceSessions(enabled, caller);
  }

  /**
   * The password alone is enough again; the caller's session is replaced and the others end.
   * @throws {ServiceError} `invalid_credentials`, `rate_limited`
   */
  async disableTwoFactor(principal: Principal, password: string, caller: Caller): Promise<Grant> {
    const { twoFactor } = this.#options;
    const headers = await this.#sessionHeaders(principal, caller);
    const changed = await this.#guarded(principal, caller, () => twoFactor.disable(headers, password));
    return await this.#replaceSessions(changed, caller);
  }

  /** @throws {ServiceError} `invalid_credentials`, `two_factor_not_set_up`, `rate_limited` */
  async renewBackupCodes(principal: Principal, password: string, caller: Caller): Promise<string[]> {
    const headers = await this.#sessionHeaders(principal, caller);
    return await this.#guarded(principal, caller, () =>
      this.#options.twoFactor.renewBackupCodes(headers, password),
    );
  }

  async #requirePassword(userId: string, password: string): Promise<void> {
    const { db, passwordHash } = this.#options;
    const [row] = await db
      .select({ hash: account.password })
      .from(account)
      .where(and(eq(account.userId, userId), eq(account.providerId, 'credential')));
    const right = row?.hash && (await passwordHash.verify(row.hash, password));
    if (!right) throw new ServiceError('invalid_credentials', 'Password is wrong');
  }

  /** Ends all sessions but the one that the library has just made, and grants that one. */
  async #replaceSessions(made: Headers, caller: Caller): Promise<Grant> {
    const { db, identity, principals } = this.#options;
    const grant = await identity.refresh({ ...caller, cookie: cookiesOf(made) });
    const { userId, sessionId } = grant.principal;
    await db.transaction((tx) => endSessions(tx, userId, sessionId));
    principals.forgetUser(userId);
    return { ...grant, setCookies: made.getSetCookie() };
  }

  #guarded<T>(principal: Principal, caller: Caller, prove: () => Promise<T>): Promise<T> {
    return this.#options.attempts.run({ email: principal.email, caller, principal }, prove);
  }

  /** Headers by which the library knows the caller's session. */
  async #sessionHeaders({ sessionId }: Principal, caller: Caller): Promise<Headers> {
    const rows = await this.#options.db
      .select({ token: session.token })
      .from(session)
      .where(eq(session.id, sessionId ?? ''));
    const headers = headersOf({ ...caller, cookie: undefined });
    headers.set('authorization', `Bearer ${rows[0]?.token ?? ''}`);
    return headers;
  }
}
