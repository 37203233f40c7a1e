import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { idempotencyKeys } from './schema.ts';

/** An encrypted answer. */
export interface SealedAnswer {
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

export interface IdempotencyRecord {
  readonly requestHash: string;
  readonly status: number | null;
  readonly answer: SealedAnswer | null;
}

/** How long an answer can be repeated, and after what time an unfinished request counts as crashed. */
const KEEP = sql`now() - interval '24 hours'`;
const UNFINISHED = sql`now() - interval '60 seconds'`;

export class IdempotencyRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Answers true to exactly one of those that ask with the same key. */
  async claim(keyHash: string, requestHash: string): Promise<boolean> {
    await this.#db
      .delete(idempotencyKeys)
      .where(
        or(
          lt(idempotencyKeys.createdAt, KEEP),
          and(isNull(idempotencyKeys.status), lt(idempotencyKeys.createdAt, UNFINISHED)),
        ),
      );
    const made = await this.#db
      .insert(idempotencyKeys)
      .values({ keyHash, requestHash })
      .onConflictDoNothing()
      .returning({ keyHash: idempotencyKeys.keyHash });
    return made.length > 0;
  }

  async find(keyHash: string): Promise<IdempotencyRecord | null> {
    const [row] = await this.#db.select().from(idempotencyKeys).where(eq(idempotencyKeys.keyHash, keyHash));
    return row ?? null;
  }

  async complete(keyHash: string, status: number, answer: SealedAnswer): Promise<void> {
    await this.#db
      .update(idempotencyKeys)
      .set({ status, answer })
      .where(eq(idempotencyKeys.keyHash, keyHash));
  }

  async remove(keyHash: string): Promise<void> {
    await this.#db.delete(idempotencyKeys).where(eq(idempotencyKeys.keyHash, keyHash));
  }
}
