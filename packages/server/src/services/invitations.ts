import { createHash, randomBytes } from 'node:crypto';
import type { AcceptInvitationBody, CreateInvitationBody, PageQuery } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { and, asc, eq, gt, isNull } from 'drizzle-orm';
import { invitations } from '../db/access-schema.ts';
import { user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { afterCursor, type Page, pageOf } from '../db/scope.ts';
import { insertUser } from '../db/user-rows.ts';
import type { PasswordHash } from './password-hash.ts';
import { requireGoodPassword } from './password-policy.ts';
import { textOf } from './random-text.ts';
import { ServiceError } from './service-error.ts';
import { requireOrganization, type UserRecord, type Users } from './users.ts';

export type InvitationRecord = typeof invitations.$inferSelect;

/** Sends an invitation to the address that it is for. */
export interface InvitationMailer {
  /** Resolves when the message is accepted for delivery. */
  sendInvitation(message: {
    readonly to: string;
    readonly name: string | null;
    readonly invitedBy: string;
    readonly url: string;
    readonly expiresAt: Date;
  }): Promise<void>;
}

export interface InvitationsOptions {
  readonly db: Db;
  readonly users: Pick<Users, 'get'>;
  readonly passwordHash: PasswordHash;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
  /** Of the dashboard. */
  readonly publicUrl: string;
  /** `null` when no e-mail is set up: the link is handed over in another way. */
  readonly mailer: InvitationMailer | null;
}

const LIFETIME_MS = 7 * 86_400_000;
/** 52 characters of 5 bits each. */
const TOKEN_LENGTH = 52;

/** Links by which people make their own account. */
export class Invitations {
  readonly #options: InvitationsOptions;

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** The token and its link are told this once. @throws {ServiceError} `email_taken`, `validation_failed` */
  async create(
    invitedBy: { readonly userId: string; readonly name: string },
    { email, name, role, organizationId }: CreateInvitationBody,
  ): Promise<{
    readonly record: InvitationRecord;
    readonly token: string;
    readonly url: string;
    readonly emailed: boolean;
  }> {
    const { db, clock, newId, publicUrl } = this.#options;
    await requireOrganization(db, role, organizationId);
    const taken = await db.select({ id: user.id }).from(user).where(eq(user.email, email));
    if (taken.length > 0) throw new ServiceError('email_taken', `There is a user ${email} already`);
    const token = textOf(randomBytes(TOKEN_LENGTH));
    const [record] = await db
      .insert(invitations)
      .values({
        ...{ id: newId(), email, role, name: name ?? null, organizationId: organizationId ?? null },
        ...{ tokenHash: hashOf(token), createdBy: invitedBy.userId },
        ...{ createdAt: this.#now(), expiresAt: new Date(clock.now() + LIFETIME_MS) },
      })
      .returning();
    // After the `#`: browsers send it to nobody, so it is in no log and no Referer.
    const url = `${publicUrl}/invitation#${token}`;
    return { record: record!, token, url, emailed: await this.#send(record!, invitedBy.name, url) };
  }

  async list(page: PageQuery): Promise<Page<InvitationRecord>> {
    const rows = await this.#options.db
      .select()
      .from(invitations)
      .where(afterCursor(page, invitations.id))
      .orderBy(asc(invitations.id))
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** Makes the link worthless. @throws {ServiceError} `not_found`, `invitation_used` */
  async revoke(id: string): Promise<InvitationRecord> {
    const { db } = this.#options;
    const [gone] = await db
      .delete(invitations)
      .where(and(eq(invitations.id, id), isNull(invitations.acceptedAt)))
      .returning();
    if (gone) return gone;
    const [used] = await db.select().from(invitations).where(eq(invitations.id, id));
    throw used ? new ServiceError('invitation_used') : notFound();
  }

  /**
   * Makes the account that an invitation is for. Of several that come with one token, one wins.
   * @throws {ServiceError} `not_found`, `invitation_used`, `invitation_expired`, `email_taken`, `validation_failed`
   */
  async accept({ token, name, password }: AcceptInvitationBody): Promise<UserRecord> {
    const { db, passwordHash, users } = this.#options;
    const tokenHash = hashOf(token);
    const invitation = await this.#requireOpen(tokenHash);
    const values = { ...invitation, name: name ?? invitation.name ?? invitation.email };
    await requireGoodPassword(password, values);
    const hash = await passwordHash.hash(password);
    const id = await db.transaction(async (tx) => {
      const claimed = await tx
        .update(invitations)
        .set({ acceptedAt: this.#now() })
        .where(
          and(
            eq(invitations.tokenHash, tokenHash),
            isNull(invitations.acceptedAt),
            gt(invitations.expiresAt, this.#now()),
          ),
        )
        .returning({ id: invitations.id });
      if (claimed.length === 0) throw new ServiceError('invitation_used');
      const made = await insertUser(tx, values, hash);
      if (made === null) throw new ServiceError('email_taken', `There is a user ${values.email} already`);
      return made;
    });
    return await users.get(id);
  }

  async #requireOpen(tokenHash: string): Promise<InvitationRecord> {
    const [row] = await this.#options.db
      .select()
      .from(invitations)
      .where(eq(invitations.tokenHash, tokenHash));
    if (!row) throw notFound();
    if (row.acceptedAt !== null) throw new ServiceError('invitation_used');
    if (row.expiresAt <= this.#now()) throw new ServiceError('invitation_expired');
    return row;
  }

  /** The link was made and is answered either way: a mail server that is down must not lose it. */
  async #send(
    { id, email, name, expiresAt }: InvitationRecord,
    invitedBy: string,
    url: string,
  ): Promise<boolean> {
    const { mailer, log } = this.#options;
    if (mailer === null) return false;
    try {
      await mailer.sendInvitation({ to: email, name, invitedBy, url, expiresAt });
      return true;
    } catch (error) {
      log.warn({ err: error, invitationId: id }, 'invitation could not be e-mailed');
      return false;
    }
  }

  #now(): Date {
    return new Date(this.#options.clock.now());
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such invitation');
}
