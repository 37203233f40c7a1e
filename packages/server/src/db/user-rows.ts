/** Rows of people and their organizations. Tables are better-auth's; a person, password and membership go together. */
import { randomUUIDv7 } from 'node:crypto';
import type { Role } from '@pocketproxy/protocol/api';
import { and, eq, ne, sql } from 'drizzle-orm';
import { apiKeys } from './access-schema.ts';
import { account, member, organization, session, user } from './auth-schema.ts';
import type { Db } from './database.ts';
import { notify } from './notify.ts';

/** Slug of the organization that belongs to the operator of this installation. */
export const DEFAULT_ORGANIZATION = 'default';
/** Any number, as long as it stays. */
const ADMINISTRATORS_LOCK = 7_305_521_002;

export type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

export interface UserValues {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Of a customer; one of its own is made when left out. Staff belongs to the operator's. */
  readonly organizationId?: string | null | undefined;
}

/** Answers the new user's id, or `null` when the address is taken. */
export async function insertUser(
  tx: Tx,
  { email, name, role, organizationId }: UserValues,
  passwordHash: string,
): Promise<string | null> {
  const [id, now] = [randomUUIDv7(), new Date()];
  const made = await tx
    .insert(user)
    .values({ id, email: email.toLowerCase(), name, role, emailVerified: true })
    .onConflictDoNothing()
    .returning({ id: user.id });
  if (made.length === 0) return null;
  await tx.insert(account).values({
    ...{ id: randomUUIDv7(), accountId: id, providerId: 'credential', userId: id },
    ...{ password: passwordHash, updatedAt: now },
  });
  await insertMembership(tx, id, { name, role, organizationId });
  return id;
}

/** Moves a user to where its role belongs, together with its API keys. */
export async function replaceMembership(
  tx: Tx,
  userId: string,
  values: Omit<UserValues, 'email'>,
): Promise<void> {
  await tx.delete(member).where(eq(member.userId, userId));
  const organizationId = await insertMembership(tx, userId, values);
  await tx.update(apiKeys).set({ organizationId }).where(eq(apiKeys.userId, userId));
}

async function insertMembership(
  tx: Tx,
  userId: string,
  { name, role, organizationId }: Omit<UserValues, 'email'>,
): Promise<string> {
  const now = new Date();
  // What a customer sees is decided by its organization: the operator's own would show it everything.
  const owner =
    role === 'customer'
      ? (organizationId ?? (await insertOrganization(tx, name, `customer-${randomUUIDv7()}`, now)))
      : await defaultOrganization(tx);
  await tx.insert(member).values({
    ...{ id: randomUUIDv7(), organizationId: owner, userId, createdAt: now },
    role: role === 'operator' ? 'member' : 'owner',
  });
  return owner;
}

/** Id of the operator's own organization, which is made when there is none. */
export async function defaultOrganization(tx: Tx): Promise<string> {
  return await insertOrganization(tx, 'Default', DEFAULT_ORGANIZATION, new Date());
}

/** Makes an organization, or finds the one with that slug. Answers its id. */
async function insertOrganization(tx: Tx, name: string, slug: string, now: Date): Promise<string> {
  await tx
    .insert(organization)
    .values({ id: randomUUIDv7(), name, slug, createdAt: now })
    .onConflictDoNothing();
  const [row] = await tx
    .select({ id: organization.id })
    .from(organization)
    .where(eq(organization.slug, slug));
  return row!.id;
}

export async function setPasswordHash(tx: Tx, userId: string, passwordHash: string): Promise<void> {
  await tx
    .update(account)
    .set({ password: passwordHash, updatedAt: new Date() })
    .where(and(eq(account.userId, userId), eq(account.providerId, 'credential')));
}

/** Ends logins of a user, apart from one, and tells every process that rights have changed. */
export async function endSessions(tx: Tx, userId: string, except: string | null = null): Promise<void> {
  await tx
    .delete(session)
    .where(and(eq(session.userId, userId), except === null ? undefined : ne(session.id, except)));
  await notify(tx, [{ type: 'access.changed', userId }]);
}

/** Ends one login of a user and tells every process. Answers false when there is none. */
export async function endSession(db: Db, userId: string, sessionId: string): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const ended = await tx
      .delete(session)
      .where(and(eq(session.id, sessionId), eq(session.userId, userId)))
      .returning({ id: session.id });
    if (ended.length > 0) await notify(tx, [{ type: 'access.changed', userId }]);
    return ended.length > 0;
  });
}

/** From here to the end of the transaction nobody else changes who is an administrator. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK})`);
}

/** Whether somebody apart from `userId` can log in as an administrator. */
export async function hasAnotherAdministrator(tx: Tx, userId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: user.id })
    .from(user)
    .where(and(eq(user.role, 'admin'), sql`${user.banned} is not true`, ne(user.id, userId)))
    .limit(1);
  return rows.length > 0;
}

/** Whether there is an organization with this id. */
export async function organizationExists(tx: Pick<Db, 'select'>, id: string): Promise<boolean> {
  const rows = await tx.select({ id: organization.id }).from(organization).where(eq(organization.id, id));
  return rows.length > 0;
}
