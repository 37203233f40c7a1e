import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Database } from './db/database.ts';
import { AttemptLimiter } from './domain/attempt-limiter.ts';
import type { Bus } from './domain/bus.ts';
import { ApiKeys } from './services/api-keys.ts';
import { AuditLog } from './services/audit.ts';
import { createAuth } from './services/auth.ts';
import { Identity } from './services/identity.ts';
import { type InvitationMailer, Invitations } from './services/invitations.ts';
import { LoginAttempts } from './services/login-attempts.ts';
import { Organizations } from './services/organizations.ts';
import { OwnAccount } from './services/own-account.ts';
import type { PasswordHash } from './services/password-hash.ts';
import { Principals } from './services/principals.ts';
import type { ServerKey } from './services/server-key.ts';
import { SignInLog } from './services/sign-in-log.ts';
import { Tokens } from './services/tokens.ts';
import { TwoFactor } from './services/two-factor.ts';
import { Users } from './services/users.ts';

/** Failed logins of one address for one user, and for how long the pair is blocked then. */
const LOGIN_FAILURES = 10;
const LOGIN_BLOCK_MS = 60_000;

export interface AccessDependencies {
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly publicUrl: string;
  readonly serverKey: ServerKey;
  readonly loginHash: PasswordHash;
  /** `null`: invitations are not e-mailed. */
  readonly mailer: InvitationMailer | null;
}

/** Composes who may use the control role: people, programs, and the log of what they change. */
export function composeAccess(deps: AccessDependencies) {
  const { database, bus, log, clock, newId, publicUrl, serverKey, loginHash: passwordHash, mailer } = deps;
  const { db } = database;
  const secret = serverKey.derive('identity secret').toString('base64');
  const auth = createAuth({ db, newId, log, publicUrl, passwordHash, secret });
  const principals = new Principals(db, clock);
  bus.subscribe('access.changed', ({ userId }) => principals.forgetUser(userId));
  bus.onResync(() => principals.forgetAll());
  const users = new Users(db, passwordHash, principals);
  const auditLog = new AuditLog(db, clock);
  const signIns = new SignInLog({ auditLog, users, clock, log });
  const limiter = new AttemptLimiter(clock, LOGIN_FAILURES, LOGIN_BLOCK_MS);
  const attempts = new LoginAttempts(limiter, signIns);
  const twoFactor = new TwoFactor({ auth, db, secret, clock });
  const tokens = new Tokens(auth, clock);
  const identity = new Identity({ auth, db, tokens, principals, attempts, twoFactor, signIns });
  return {
    identity,
    users,
    signIns,
    account: new OwnAccount({ db, clock, identity, principals, attempts, twoFactor, signIns, passwordHash }),
    invitations: new Invitations({ db, users, passwordHash, clock, newId, log, publicUrl, mailer }),
    organizations: new Organizations(db),
    apiKeys: new ApiKeys({ db, clock, newId, principals }),
    auditLog,
  };
}
