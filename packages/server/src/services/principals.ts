import { roleSchema } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { and, eq, gt } from 'drizzle-orm';
import { member, session, user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import type { Principal } from './permissions.ts';

/** For how long a logout or a disabled account may go unnoticed by another control process, in milliseconds. */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;

interface Remembered {
  readonly principal: Principal | null;
  readonly until: number;
}

/** Finds out who a session belongs to, and whether it still counts. */
export class Principals {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** `null` when the session has ended or its user may not log in any more. */
  async ofSession(sessionId: string): Promise<Principal | null> {
    const remembered = this.#remembered.get(sessionId);
    if (remembered && remembered.until > this.#clock.now()) return remembered.principal;
    const principal = await this.#load(sessionId);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(sessionId, { principal, until: this.#clock.now() + REMEMBER_MS });
    return principal;
  }

  /** Call when a session has ended: this process knows at once. */
  forget(sessionId: string): void {
    this.#remembered.delete(sessionId);
  }

  async #load(sessionId: string): Promise<Principal | null> {
    const [row] = await this.#db
      .select({ user, organizationId: member.organizationId })
      .from(session)
      .innerJoin(user, eq(user.id, session.userId))
      .innerJoin(member, eq(member.userId, user.id))
      .where(and(eq(session.id, sessionId), gt(session.expiresAt, new Date(this.#clock.now()))))
      .orderBy(member.createdAt)
      .limit(1);
    const role = roleSchema.safeParse(row?.user.role);
    if (!row || row.user.banned || !role.success) return null;
    const { id: userId, email, name } = row.user;
    return { userId, sessionId, email, name, role: role.data, organizationId: row.organizationId };
  }
}
