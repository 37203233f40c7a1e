import { createHash } from 'node:crypto';
import { roleSchema } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { and, asc, eq, gt, isNull, lt, or } from 'drizzle-orm';
import { apiKeys } from '../db/access-schema.ts';
import { member, session, user } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import type { Principal } from './permissions.ts';

/** For how long a lost `access.changed` may go unnoticed by another control process, in milliseconds. */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;
/** `lastUsedAt` of a key is written at most this often. */
const NOTE_USE_EVERY_MS = 60_000;

interface Remembered {
  readonly principal: Principal | null;
  readonly until: number;
}

/** Finds out who a session or an API key belongs to, and whether it still counts. */
export class Principals {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();
  readonly #listeners = new Set<(userId: string | null) => void>();
  /** Grows when something was forgotten: what was being looked up at that moment is not kept. */
  #generation = 0;

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** `null` when the session has ended or its user may not log in any more. */
  ofSession(sessionId: string): Promise<Principal | null> {
    return this.#remember(`session ${sessionId}`, () => this.#loadSession(sessionId));
  }

  /** `null` when there is no such key, it has expired, or its user may not log in any more. */
  ofApiKey(key: string): Promise<Principal | null> {
    const hash = hashApiKey(key);
    return this.#remember(`key ${hash}`, () => this.#loadApiKey(hash));
  }

  /**
   * Calls `listener` when the rights of a user may have changed, `null` for anybody's: for whoever acts on rights for
   * longer than a request. Answers a function that stops it.
   */
  onForgotten(listener: (userId: string | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call when a user's rights have changed or a session or key of theirs has ended. */
  forgetUser(userId: string): void {
    this.#generation += 1;
    for (const [key, { principal }] of this.#remembered) {
      if (principal === null || principal.userId === userId) this.#remembered.delete(key);
    }
    for (const listener of this.#listeners) listener(userId);
  }

  /** Call when changes may have gone unheard. */
  forgetAll(): void {
    this.#generation += 1;
    this.#remembered.clear();
    for (const listener of this.#listeners) listener(null);
  }

  async #remember(key: string, load: () => Promise<Principal | null>): Promise<Principal | null> {
    const now = this.#clock.now();
    const remembered = this.#remembered.get(key);
    if (remembered && remembered.until > now) return remembered.principal;
    const generation = this.#generation;
    const principal = await load();
    if (generation !== this.#generation) return principal;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, { principal, until: now + REMEMBER_MS });
    return principal;
  }

  async #loadSession(sessionId: string): Promise<Principal | null> {
    const [row] = await this.#db
      .select({ user, organizationId: member.organizationId })
      .from(session)
      .innerJoin(user, eq(user.id, session.userId))
      .innerJoin(member, eq(member.userId, user.id))
      .where(and(eq(session.id, sessionId), gt(session.expiresAt, this.#now())))
      .orderBy(asc(member.createdAt))
      .limit(1);
    return row ? principalOf(row.user, row.organizationId, { sessionId, apiKey: null }) : null;
  }

  async #loadApiKey(keyHash: string): Promise<Principal | null> {
    const [row] = await this.#db
      .select({ user, organizationId: member.organizationId, key: apiKeys })
      .from(apiKeys)
      .innerJoin(user, eq(user.id, apiKeys.userId))
      .innerJoin(member, eq(member.userId, user.id))
      .where(
        and(eq(apiKeys.keyHash, keyHash), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, this.#now()))),
      )
      .orderBy(asc(member.createdAt))
      .limit(1);
    if (!row) return null;
    const { id, name, scopes } = row.key;
    const principal = principalOf(row.user, row.organizationId, {
      sessionId: null,
      apiKey: { id, name, scopes },
    });
    if (principal) await this.#noteUse(id);
    return principal;
  }

  async #noteUse(id: string): Promise<void> {
    const longAgo = new Date(this.#clock.now() - NOTE_USE_EVERY_MS);
    await this.#db
      .update(apiKeys)
      .set({ lastUsedAt: this.#now() })
      .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, longAgo))));
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}

/** How a key is stored: it has 256 random bits, so a fast hash is enough. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function principalOf(
  { id, email, name, role, banned }: typeof user.$inferSelect,
  organizationId: string,
  credential: Pick<Principal, 'sessionId' | 'apiKey'>,
): Principal | null {
  const known = roleSchema.safeParse(role);
  if (banned || !known.success) return null;
  return { userId: id, ...credential, email, name, role: known.data, organizationId };
}
