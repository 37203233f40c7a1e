import { randomUUID } from 'node:crypto';
import { type Role, roleSchema } from '@pocketproxy/protocol/api';
import { and, asc, eq, sql } from 'drizzle-orm';
import { account, member, organization, session, user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import type { PasswordHash } from './password-hash.ts';
import { randomText } from './random-text.ts';
import { ServiceError } from './service-error.ts';

/** Slug of the organization that belongs to the operator of this installation. */
const DEFAULT_ORGANIZATION = 'default';
const DEFAULT_ADMIN_EMAIL = 'admin@pocketproxy.local';
/** 100 bits. */
const GENERATED_LENGTH = 20;
/** Any number, as long as it stays: of several processes that start at once, one makes the administrator. */
const BOOTSTRAP_LOCK = 7_305_521_002;

export interface UserSummary {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
}

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Made up when left out. */
  readonly password?: string | undefined;
}

/** A login as it is told once. */
export interface Login {
  readonly email: string;
  readonly password: string;
}

type Tx = Pick<Db, 'select' | 'insert' | 'execute'>;

/**
 * People who can log in, as the command line administers them. Rows are better-auth's; they are written here so
 * that a user, its password and its membership appear together or not at all.
 */
export class Users {
  readonly #db: Db;
  readonly #passwordHash: PasswordHash;

  constructor(db: Db, passwordHash: PasswordHash) {
    this.#db = db;
    this.#passwordHash = passwordHash;
  }

  /** Makes the first organization and administrator when there is none. Answers `null` when there was one. */
  async ensureFirstAdministrator(chosen: {
    readonly email: string | null;
    readonly password: string | null;
  }): Promise<Login | null> {
    if (await this.#hasAdministrator(this.#db)) return null;
    const login = {
      email: chosen.email ?? DEFAULT_ADMIN_EMAIL,
      password: chosen.password ?? randomText(GENERATED_LENGTH),
    };
    const hash = await this.#passwordHash.hash(login.password);
    return await this.#db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${BOOTSTRAP_LOCK})`);
      if (await this.#hasAdministrator(tx)) return null;
      await insertUser(tx, { email: login.email, name: 'Administrator', role: 'admin' }, hash);
      return login;
    });
  }

  /** Answers the login. @throws {ServiceError} `email_taken` */
  async add({ email, name, role, password = randomText(GENERATED_LENGTH) }: NewUser): Promise<Login> {
    const hash = await this.#passwordHash.hash(password);
    await this.#db.transaction((tx) => insertUser(tx, { email, name, role }, hash));
    return { email, password };
  }

  async list(): Promise<UserSummary[]> {
    const rows = await this.#db.select().from(user).orderBy(asc(user.createdAt));
    return rows.map(({ id, email, name, role, banned, createdAt }) => ({
      ...{ id, email, name, createdAt },
      role: roleSchema.catch('customer').parse(role),
      disabled: banned === true,
    }));
  }

  /** Sets a new password and ends every session. @throws {ServiceError} `not_found` */
  async setPassword(email: string, password = randomText(GENERATED_LENGTH)): Promise<Login> {
    const hash = await this.#passwordHash.hash(password);
    const { id } = await this.#require(email);
    await this.#db.transaction(async (tx) => {
      await tx
        .update(account)
        .set({ password: hash, updatedAt: new Date() })
        .where(and(eq(account.userId, id), eq(account.providerId, 'credential')));
      await tx.delete(session).where(eq(session.userId, id));
    });
    return { email, password };
  }

  /** Refuses or allows logins; refusing ends every session. @throws {ServiceError} `not_found` */
  async setDisabled(email: string, disabled: boolean): Promise<void> {
    const { id } = await this.#require(email);
    await this.#db.transaction(async (tx) => {
      await tx.update(user).set({ banned: disabled, updatedAt: new Date() }).where(eq(user.id, id));
      if (disabled) await tx.delete(session).where(eq(session.userId, id));
    });
  }

  /** The organization that what belongs to the operator belongs to. */
  async defaultOrganizationId(): Promise<string> {
    return await defaultOrganization(this.#db, new Date());
  }

  async #hasAdministrator(db: Tx): Promise<boolean> {
    const rows = await db.select({ id: user.id }).from(user).where(eq(user.role, 'admin')).limit(1);
    return rows.length > 0;
  }

  async #require(email: string): Promise<{ id: string }> {
    const [found] = await this.#db
      .select({ id: user.id })
      .from(user)
      .where(eq(user.email, email.toLowerCase()));
    if (!found) throw new ServiceError('not_found', `There is no user ${email}`);
    return found;
  }
}

async function insertUser(tx: Tx, values: Omit<NewUser, 'password'>, passwordHash: string): Promise<void> {
  const [id, email, now] = [randomUUID(), values.email.toLowerCase(), new Date()];
  const made = await tx
    .insert(user)
    .values({ id, email, name: values.name, role: values.role, emailVerified: true })
    .onConflictDoNothing()
    .returning({ id: user.id });
  if (made.length === 0) throw new ServiceError('email_taken', `There is a user ${email} already`);
  await tx.insert(account).values({
    ...{ id: randomUUID(), accountId: id, providerId: 'credential', userId: id },
    ...{ password: passwordHash, updatedAt: now },
  });
  // What a customer sees is decided by its organization: the operator's own would show it everything.
  const organizationId =
    values.role === 'customer'
      ? await insertOrganization(tx, values.name, `customer-${id}`, now)
      : await defaultOrganization(tx, now);
  const role = values.role === 'operator' ? 'member' : 'owner';
  await tx.insert(member).values({ id: randomUUID(), organizationId, userId: id, role, createdAt: now });
}

async function defaultOrganization(tx: Tx, now: Date): Promise<string> {
  return await insertOrganization(tx, 'Default', DEFAULT_ORGANIZATION, now);
}

/** Makes an organization, or finds the one with that slug. */
async function insertOrganization(tx: Tx, name: string, slug: string, now: Date): Promise<string> {
  await tx
    .insert(organization)
    .values({ id: randomUUID(), name, slug, createdAt: now })
    .onConflictDoNothing();
  const [row] = await tx
    .select({ id: organization.id })
    .from(organization)
    .where(eq(organization.slug, slug));
  return row!.id;
}
