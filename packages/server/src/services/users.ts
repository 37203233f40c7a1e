import { type ListUsersQuery, type Role, roleSchema, type UpdateUserBody } from '@pocketproxy/protocol/api';
import { and, asc, eq } from 'drizzle-orm';
import { member, twoFactor, user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { afterCursor, type Page, pageOf } from '../db/scope.ts';
import {
  defaultOrganization,
  endSessions,
  hasAnotherAdministrator,
  insertUser,
  lockAdministrators,
  organizationExists,
  replaceMembership,
  setPasswordHash,
  type Tx,
} from '../db/user-rows.ts';
import type { PasswordHash } from './password-hash.ts';
import { requireGoodPassword } from './password-policy.ts';
import { randomText } from './random-text.ts';
import { ServiceError } from './service-error.ts';

const DEFAULT_ADMIN_EMAIL = 'admin@pocketproxy.local';
/** 100 bits. */
const GENERATED_LENGTH = 20;

/** A person who can log in, without what they prove it by. */
export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly organizationId: string;
  readonly disabled: boolean;
  readonly twoFactorEnabled: boolean;
  readonly createdAt: Date;
}

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Of a customer; one of its own is made when left out. */
  readonly organizationId?: string | undefined;
  /** Made up when left out. */
  readonly password?: string | undefined;
}

/** A login as it is told once. */
export interface Login {
  readonly email: string;
  readonly password: string;
}

/** Whoever remembers what users may do. */
export interface RememberedRights {
  forgetUser(userId: string): void;
}

/** Of a process that remembers nobody, such as the command line. */
const NOBODY_REMEMBERED: RememberedRights = { forgetUser: () => {} };

/**
 * People who can log in, as administrators and the command line see them. Rows are better-auth's; they are written
 * here so that a user, its password and its membership appear together or not at all. Whatever takes rights away ends
 * the user's sessions in the same transaction and tells every process.
 */
export class Users {
  readonly #db: Db;
  readonly #passwordHash: PasswordHash;
  readonly #rights: RememberedRights;

  constructor(db: Db, passwordHash: PasswordHash, rights: RememberedRights = NOBODY_REMEMBERED) {
    this.#db = db;
    this.#passwordHash = passwordHash;
    this.#rights = rights;
  }

  /**
   * Makes the first organization and administrator when there is none. Answers `null` when there was one.
   * @throws {ServiceError} `validation_failed` for a chosen password that is easy to guess
   */
  async ensureFirstAdministrator(chosen: {
    readonly email: string | null;
    readonly password: string | null;
  }): Promise<Login | null> {
    if (await hasAdministrator(this.#db)) return null;
    const [email, name] = [chosen.email ?? DEFAULT_ADMIN_EMAIL, 'Administrator'];
    const password = await this.#passwordFor({ email, name }, chosen.password ?? undefined);
    const hash = await this.#passwordHash.hash(password);
    return await this.#db.transaction(async (tx) => {
      // Of several processes that start at once, one makes the administrator.
      await lockAdministrators(tx);
      if (await hasAdministrator(tx)) return null;
      await insertUser(tx, { email, name, role: 'admin' }, hash);
      return { email, password };
    });
  }

  /** Answers the user and the login. @throws {ServiceError} `email_taken`, `validation_failed` */
  async add({ password: chosen, ...values }: NewUser): Promise<Login & { readonly user: UserRecord }> {
    const password = await this.#passwordFor(values, chosen);
    const hash = await this.#passwordHash.hash(password);
    const made = await this.#db.transaction(async (tx) => {
      await requireOrganization(tx, values.role, values.organizationId);
      const id = await insertUser(tx, values, hash);
      if (id === null) {
        throw new ServiceError('email_taken', `There is a user ${values.email} already`);
      }
      return await requireUser(tx, id);
    });
    return { email: made.email, password, user: made };
  }

  async list(query: Partial<ListUsersQuery> = {}): Promise<Page<UserRecord>> {
    const { organizationId, limit = Number.MAX_SAFE_INTEGER - 1, cursor } = query;
    const rows = await select(this.#db)
      .where(
        and(
          organizationId === undefined ? undefined : eq(member.organizationId, organizationId),
          afterCursor({ cursor, limit }, user.id),
        ),
      )
      .orderBy(asc(user.id))
      .limit(limit + 1);
    return pageOf(rows.map(recordOf), limit, (row) => row.id);
  }

  /** @throws {ServiceError} `not_found` */
  get(id: string): Promise<UserRecord> {
    return requireUser(this.#db, id);
  }

  /** @throws {ServiceError} `not_found` */
  async byEmail(email: string): Promise<UserRecord> {
    const found = await this.findByEmail(email);
    if (!found) throw new ServiceError('not_found', `There is no user ${email}`);
    return found;
  }

  /** `null` when there is no such user. */
  async findByEmail(email: string): Promise<UserRecord | null> {
    const [row] = await select(this.#db).where(eq(user.email, email.toLowerCase()));
    return row ? recordOf(row) : null;
  }

  /**
   * Changes a user. Another role and a disabled account end the user's sessions.
   * @throws {ServiceError} `not_found`, `last_administrator`, `validation_failed` for an organization that cannot be
   */
  async update(id: string, changes: UpdateUserBody): Promise<UserRecord> {
    const updated = await this.#db.transaction(async (tx) => {
      await lockAdministrators(tx);
      const before = await requireUser(tx, id);
      const { name = before.name, role = before.role, disabled = before.disabled } = changes;
      if (role !== 'admin' || disabled) await requireAnotherAdministrator(tx, before);
      const moved = await this.#move(tx, before, { ...changes, name, role });
      await tx
        .update(user)
        .set({ name, role, banned: disabled, updatedAt: new Date() })
        .where(eq(user.id, id));
      if (moved || disabled !== before.disabled) await endSessions(tx, id);
      return await requireUser(tx, id);
    });
    this.#rights.forgetUser(id);
    return updated;
  }

  /** Deletes a user with its sessions and API keys. @throws {ServiceError} `not_found`, `last_administrator` */
  async remove(id: string): Promise<UserRecord> {
    const removed = await this.#db.transaction(async (tx) => {
      await lockAdministrators(tx);
      const before = await requireUser(tx, id);
      await requireAnotherAdministrator(tx, before);
      await endSessions(tx, id);
      await tx.delete(user).where(eq(user.id, id));
      return before;
    });
    this.#rights.forgetUser(id);
    return removed;
  }

  /** Sets a new password and ends every session. @throws {ServiceError} `not_found`, `validation_failed` */
  async setPassword(id: string, chosen?: string | undefined): Promise<Login> {
    const owner = await this.get(id);
    const password = await this.#passwordFor(owner, chosen);
    const hash = await this.#passwordHash.hash(password);
    await this.#db.transaction(async (tx) => {
      await setPasswordHash(tx, id, hash);
      await endSessions(tx, id);
    });
    this.#rights.forgetUser(id);
    return { email: owner.email, password };
  }

  /** For somebody who has lost the second factor: the password alone is enough again. @throws `not_found` */
  async turnTwoFactorOff(id: string): Promise<UserRecord> {
    const before = await this.get(id);
    await this.#db.transaction(async (tx) => {
      await tx.delete(twoFactor).where(eq(twoFactor.userId, id));
      await tx.update(user).set({ twoFactorEnabled: false, updatedAt: new Date() }).where(eq(user.id, id));
    });
    return before;
  }

  /** The organization that what belongs to the operator belongs to. */
  async defaultOrganizationId(): Promise<string> {
    return await defaultOrganization(this.#db);
  }

  /** Answers whether the user sees other things now. */
  async #move(tx: Tx, before: UserRecord, { name, role, organizationId }: Omit<NewUser, 'email'>) {
    await requireOrganization(tx, role, organizationId);
    const sameOrganization = organizationId === undefined || organizationId === before.organizationId;
    if (role === before.role && sameOrganization) return false;
    await replaceMembership(tx, before.id, { name, role, organizationId });
    return true;
  }

  async #passwordFor(owner: { email: string; name: string }, chosen: string | undefined): Promise<string> {
    if (chosen === undefined) return randomText(GENERATED_LENGTH);
    await requireGoodPassword(chosen, owner);
    return chosen;
  }
}

function select(db: Pick<Db, 'select'>) {
  return db
    .select({ user, organizationId: member.organizationId })
    .from(user)
    .innerJoin(member, eq(member.userId, user.id))
    .$dynamic();
}

function recordOf(row: { user: typeof user.$inferSelect; organizationId: string }): UserRecord {
  const { id, email, name, role, banned, twoFactorEnabled, createdAt } = row.user;
  return {
    ...{ id, email, name, createdAt, organizationId: row.organizationId },
    role: roleSchema.catch('customer').parse(role),
    disabled: banned === true,
    twoFactorEnabled: twoFactorEnabled === true,
  };
}

async function requireUser(db: Pick<Db, 'select'>, id: string): Promise<UserRecord> {
  const [row] = await select(db).where(eq(user.id, id));
  if (!row) throw new ServiceError('not_found', 'There is no such user');
  return recordOf(row);
}

async function hasAdministrator(db: Tx): Promise<boolean> {
  const rows = await db.select({ id: user.id }).from(user).where(eq(user.role, 'admin')).limit(1);
  return rows.length > 0;
}

/** Call with administrators locked. */
async function requireAnotherAdministrator(tx: Tx, { id, role, disabled }: UserRecord): Promise<void> {
  if (role !== 'admin' || disabled || (await hasAnotherAdministrator(tx, id))) return;
  throw new ServiceError('last_administrator');
}

/** @throws {ServiceError} `validation_failed` when the organization does not exist or is not for this role */
export async function requireOrganization(
  tx: Pick<Db, 'select'>,
  role: Role,
  organizationId: string | undefined,
): Promise<void> {
  if (organizationId === undefined) return;
  const message =
    role !== 'customer' ? 'Only customers are given an organization' : 'There is no such organization';
  if (role === 'customer' && (await organizationExists(tx, organizationId))) return;
  const fields = [{ field: 'body.organizationId', message }];
  throw new ServiceError('validation_failed', message, { fields });
}
