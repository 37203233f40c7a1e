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

  /**
   * Sums hours before `before` up into days, one day of the past in each transaction. A row is deleted by the
   * statement that adds it, and by one only, so that nothing is lost or counted twice. Answers how many hours.
   */
  async sumUpHours(before: Date): Promise<number> {
    const midnight = sql`date_trunc('day', ${before.toISOString()}::timestamptz, 'UTC')`;
    let summed = 0;
    for (;;) {
      const [done] = await this.#db.execute<{ rows: string }>(sql`
        with oldest as (
          select date_trunc('day', min(hour), 'UTC') as day from usage_hourly where hour < ${midnight}
        ),
        gone as (
          delete from usage_hourly using oldest
          where hour >= oldest.day and hour < oldest.day + interval '1 day' and hour < ${midnight}
          returning usage_hourly.*
        ),
        added as (
          insert into usage_daily (connection_id, day, device_id, organization_id, bytes_up, bytes_down)
          select connection_id, (hour at time zone 'UTC')::date, (array_agg(device_id))[1], min(organization_id),
            sum(bytes_up), sum(bytes_down)
          from gone group by 1, 2 order by 1, 2
          on conflict (connection_id, day) do update
          set bytes_up = usage_daily.bytes_up + excluded.bytes_up,
              bytes_down = usage_daily.bytes_down + excluded.bytes_down
        )
        select count(*) as rows from gone`);
      const rows = Number(done?.rows ?? 0);
      summed += rows;
      if (rows === 0) return summed;
    }
  }

  /** Days of usage before `before`. */
  async forgetDays(before: Date): Promise<number> {
    const old = sql`day < ${isoDay(before)}::date`;
    return (
      (await this.#forget(sql`usage_daily`, old)) + (await this.#forget(sql`usage_of_organizations`, old))
    );
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
      const { count } = await this.#db.execute(sql`
        delete from ${table} where ctid = any(array(
          select ctid from ${table} where ${condition} limit ${BATCH} for update skip locked))`);
      forgotten += count;
      if (count < BATCH) return forgotten;
    }
  }
}

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
