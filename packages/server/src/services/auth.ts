import type { Logger } from '@pocketproxy/runtime';

import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { admin, bearer, jwt, organization, twoFactor } from 'better-auth/plugins';
import * as authSchema from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import type { PasswordHash } from './password-hash.ts';
import { PASSWORD_LENGTH } from './password-policy.ts';

/** `iss` and `aud` of the API's tokens. */
export const TOKEN_ISSUER = 'pocketproxy';
export const TOKEN_AUDIENCE = 'pocketproxy-api';
export const TOKEN_LIFETIME_SECONDS = 15 * 60;

/** Cookies go to these routes alone. */
export const AUTH_PATH = '/api/v1/auth';

export interface AuthOptions {
  readonly db: Db;
  /** Signs cookies and encrypts what must be read again. */
  readonly secret: string;
  /** As browsers reach us: decides whether cookies are for HTTPS only. */
  readonly publicUrl: string;
  readonly passwordHash: PasswordHash;
  readonly newId: () => string;
  readonly log: Logger;
}

export type Auth = ReturnType<typeof createAuth>;

/** better-auth: users, sessions, organizations. Its own HTTP routes are not served; our services call it. */
export function createAuth({ db, secret, publicUrl, passwordHash, newId, log }: AuthOptions) {
  return betterAuth({
    appName: 'PocketProxy',
    baseURL: publicUrl,
    basePath: AUTH_PATH,
    secret,
    database: drizzleAdapter(db, { provider: 'pg', schema: authSchema, transaction: true }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      password: {
        hash: (password) => passwordHash.hash(password),
        verify: ({ hash, password }) => passwordHash.verify(hash, password),
      },
    },
    session: { expiresIn: 7 * 86_400, updateAge: 86_400 },
    advanced: {
      cookiePrefix: 'pocketproxy',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: AUTH_PATH },
      database: { generateId: newId },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { log: (level, message) => log[level]({ library: 'better-auth' }, message) },
    plugins: [
      admin({ defaultRole: 'customer' }),
      organization(),
      twoFactor(),
      // Lets our services name a session by its token, as they have no cookie.
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        jwt: {
          issuer: TOKEN_ISSUER,
          audience: TOKEN_AUDIENCE,
          expirationTime: `${TOKEN_LIFETIME_SECONDS}s`,
        },
      }),
    ],
  });
}
