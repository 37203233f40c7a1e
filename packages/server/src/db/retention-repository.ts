import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';

/** Rows that one transaction forgets, so that nobody waits long for it. */
const BATCH = 10_000;

/**
 * Forgets what is old. Any number of processes may do it at the same time: what one has locked or deleted, the other
 * finds gone.
 */
export class RetentionRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Hours of usage: their days were counted along with them. */
  async forgetHours(before: Date): Promise<number> {
    return await this.#forget(sql`usage_hourly`, sql`hour < ${before.toISOString()}::timestamptz`);
  }

  /** Days of usage before `before`. */
  async forgetDays(before: Date): Promise<number> {
    return await this.#forget(sql`usage_daily`, sql`day < ${isoDay(before)}::date`);
  }

  /** Samples of devices. */
  async forgetSamples(before: Date): Promise<number> {
    return await this.#forget(sql`device_metrics`, sql`at < ${before.toISOString()}::timestamptz`);
  }

  /** Commands that have ended. */
  async forgetCommands(before: Date): Promise<number> {
    return await this.#forget(sql`commands`, sql`finished_at < ${before.toISOString()}::timestamptz`);
  }

  /** Rotations that have ended. The addresses that they brought stay in the history. */
  async forgetRotations(before: Date): Promise<number> {
    return await this.#forget(sql`rotations`, sql`finished_at < ${before.toISOString()}::timestamptz`);
  }

  /** Entries of the audit log. */
  async forgetAudit(before: Date): Promise<number> {
    return await this.#forget(sql`audit_log`, sql`at < ${before.toISOString()}::timestamptz`);
  }

  /** Sessions, and logins that lack their second factor, that expired. */
  async forgetLogins(before: Date): Promise<number> {
    const expired = sql`expires_at < ${before.toISOString()}::timestamptz`;
    return (await this.#forget(sql`session`, expired)) + (await this.#forget(sql`verification`, expired));
  }

  /** Invitations that expired, accepted or not. */
  async forgetInvitations(before: Date): Promise<number> {
    return await this.#forget(sql`invitations`, sql`expires_at < ${before.toISOString()}::timestamptz`);
  }

  async #forget(table: SQL, condition: SQL): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const count = await this.#forgetSome(table, condition);
      forgotten += count;
      if (count < BATCH) return forgotten;
    }
  }

  /** Planned anew each time: a plan for any time expects a third of the rows to be old, and reads the table for them. */
  async #forgetSome(table: SQL, condition: SQL): Promise<number> {
    return await this.#db.transaction(async (tx) => {
      await tx.execute(sql`set local plan_cache_mode = force_custom_plan`);
      const { count } = await tx.execute(sql`
        delete from ${table} where ctid = any(array(
          select ctid from ${table} where ${condition} limit ${BATCH} for update skip locked))`);
      return count;
    });
  }
}

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
