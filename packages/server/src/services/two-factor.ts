import { createOTP } from '@better-auth/utils/otp';
import type { Clock } from '@pocketproxy/runtime';
import { isAPIError } from 'better-auth/api';
import { symmetricDecrypt } from 'better-auth/crypto';
import { and, eq, isNull, lt, or } from 'drizzle-orm';
import { twoFactor, user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import type { Auth } from './auth.ts';
import { ServiceError } from './service-error.ts';

/** What the library answers when a session was made or made anew. */
export interface SignedIn {
  readonly headers: Headers;
  readonly response: { readonly token?: string | null | undefined };
}

export interface TwoFactorOptions {
  readonly auth: Auth;
  readonly db: Db;
  /** What better-auth encrypts with. */
  readonly secret: string;
  readonly clock: Clock;
}

/** Seconds of a time step (RFC 6238), and how many steps a phone's clock may be off. */
const PERIOD_SECONDS = 30;
const STEPS_OFF = [-1, 0, 1];
/** As long as the library locks an account after ten wrong codes, wherever they came from. */
const LOCKED_SECONDS = 15 * 60;

/**
 * Second factors: codes of an authenticator (TOTP, RFC 6238) and backup codes. better-auth keeps and checks them;
 * that no code works twice is ours. `headers` always name the session or the unfinished login that is meant.
 */
export class TwoFactor {
  readonly #options: TwoFactorOptions;

  constructor(options: TwoFactorOptions) {
    this.#options = options;
  }

  /**
   * Begins: a secret that counts from the first code on. Asked again before that, it starts over.
   * @throws {ServiceError} `invalid_credentials`, `two_factor_enabled`
   */
  async setUp(
    headers: Headers,
    password: string,
  ): Promise<{ readonly otpauthUrl: string; readonly backupCodes: string[] }> {
    const made = await refusing(() =>
      this.#options.auth.api.enableTwoFactor({ body: { password, method: 'totp' }, headers }),
    );
    if (!('totpURI' in made) || !made.totpURI || !made.backupCodes) throw new Error('No TOTP was set up');
    return { otpauthUrl: made.totpURI, backupCodes: made.backupCodes };
  }

  /**
   * Turns it on with a first code. The session is replaced: the headers hold the cookie of the new one.
   * @throws {ServiceError} `invalid_two_factor_code`, `two_factor_not_set_up`, `two_factor_enabled`
   */
  async enable(headers: Headers, userId: string, code: string): Promise<Headers> {
    const answer = await this.#verifyCode(headers, userId, code);
    // The library has nothing to replace when it was on before.
    if (answer.headers.getSetCookie().length === 0) throw new ServiceError('two_factor_enabled');
    return answer.headers;
  }

  /** Turns it off. The session is replaced as by `enable`. @throws {ServiceError} `invalid_credentials` */
  async disable(headers: Headers, password: string): Promise<Headers> {
    const answer = await refusing(() =>
      this.#options.auth.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }),
    );
    return answer.headers;
  }

  /** Replaces all backup codes. @throws {ServiceError} `invalid_credentials`, `two_factor_not_set_up` */
  async renewBackupCodes(headers: Headers, password: string): Promise<string[]> {
    const made = await refusing(() =>
      this.#options.auth.api.generateBackupCodes({ body: { password }, headers }),
    );
    return made.backupCodes;
  }

  /** Finishes a login. @throws {ServiceError} `invalid_two_factor_code`, `rate_limited` */
  async finishLogin(headers: Headers, email: string, code: string): Promise<SignedIn> {
    if (!/^\d{6}$/.test(code)) {
      const { auth } = this.#options;
      return await refusing(() =>
        auth.api.verifyBackupCode({ body: { code }, headers, returnHeaders: true }),
      );
    }
    const [owner] = await this.#options.db
      .select({ id: user.id })
      .from(user)
      .where(eq(user.email, email.toLowerCase()));
    return await this.#verifyCode(headers, owner?.id ?? '', code);
  }

  async #verifyCode(headers: Headers, userId: string, code: string): Promise<SignedIn> {
    const { auth } = this.#options;
    const step = await this.#stepOf(userId, code);
    // A code that is wrong goes on to the library, which counts it.
    if (step !== null && !(await this.#claim(userId, step)))
      throw new ServiceError('invalid_two_factor_code');
    const verified = await refusing(() =>
      auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }),
    );
    // Between the two looks at the clock the code began to count.
    if (step === null) await this.#claim(userId, this.#currentStep() + 1);
    return verified;
  }

  /** Of several that come with one code, one wins; and never again a code as old as the last. */
  async #claim(userId: string, step: number): Promise<boolean> {
    const claimed = await this.#options.db
      .update(twoFactor)
      .set({ lastUsedStep: step })
      .where(
        and(
          eq(twoFactor.userId, userId),
          or(isNull(twoFactor.lastUsedStep), lt(twoFactor.lastUsedStep, step)),
        ),
      )
      .returning({ id: twoFactor.id });
    return claimed.length > 0;
  }

  /** The time step that a code belongs to; `null` when it is wrong. */
  async #stepOf(userId: string, code: string): Promise<number | null> {
    const { db, secret } = this.#options;
    const [row] = await db.select().from(twoFactor).where(eq(twoFactor.userId, userId));
    if (!row) return null;
    const otp = createOTP(await symmetricDecrypt({ key: secret, data: row.secret }));
    for (const off of STEPS_OFF) {
      const step = this.#currentStep() + off;
      if ((await otp.hotp(step)) === code) return step;
    }
    return null;
  }

  #currentStep(): number {
    return Math.floor(this.#options.clock.now() / 1000 / PERIOD_SECONDS);
  }
}

/** better-auth's refusals by their code; what is not a refusal goes on unchanged. */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error;
    const code = (error.body as { code?: string } | undefined)?.code ?? '';
    throw refusalOf(code, error);
  }
}

function refusalOf(code: string, cause: unknown): ServiceError {
  switch (code) {
    case 'INVALID_PASSWORD':
    case 'PASSWORD_TOO_LONG':
      return new ServiceError('invalid_credentials', 'Password is wrong', { cause });
    case 'TOTP_ALREADY_ENABLED':
      return new ServiceError('two_factor_enabled', undefined, { cause });
    case 'TOTP_NOT_ENABLED':
    case 'TWO_FACTOR_NOT_ENABLED':
      return new ServiceError('two_factor_not_set_up', undefined, { cause });
    case 'BANNED_USER':
      return new ServiceError('account_disabled', undefined, { cause });
    case 'UNAUTHORIZED':
      return new ServiceError('unauthenticated', 'The session has ended; log in again', { cause });
    case 'ACCOUNT_TEMPORARILY_LOCKED':
      return new ServiceError('rate_limited', 'Too many wrong codes; wait fifteen minutes', {
        retryAfterSeconds: LOCKED_SECONDS,
        cause,
      });
    default:
      return new ServiceError('invalid_two_factor_code', undefined, { cause });
  }
}
