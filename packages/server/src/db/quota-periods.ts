import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { QUOTA_COLUMNS, type QuotaRow, queueQuotaNotices, reachedPercent } from './quota-notices.ts';

type Executor = Pick<Db, 'select' | 'insert' | 'execute'>;

/**
 * Start (UTC) of the period that `at` is in, for a row of `connections`; `null` when its quota is for its whole life.
 * A month begins on the row's reset day. The same as `periodStart` of the services.
 */
export function periodStartOfRow(at: Date): SQL {
  const utc = sql`(${at.toISOString()}::timestamptz at time zone 'UTC')`;
  const early = sql`make_interval(days => quota_reset_day - 1)`;
  return sql`((case quota_period
    when 'day' then date_trunc('day', ${utc})
    when 'month' then date_trunc('month', ${utc} - ${early}) + ${early}
    end) at time zone 'UTC')`;
}

/** Begins a new day or month for all connections whose period is over, once. Answers their ids. */
export async function beginPeriods(tx: Executor, at: Date): Promise<string[]> {
  const start = periodStartOfRow(at);
  // A clock that is set back finds periods that began later than "now": those are left alone.
  const begun = await tx.execute<{ id: string }>(sql`
    with due as (
      select id, ${start} as start from connections where quota_period_start < ${start}
      order by id for no key update
    )
    update connections set
      used_bytes = 0, quota_period_start = due.start, quota_notified_percent = 0, version = version + 1
    from due where connections.id = due.id returning connections.id`);
  return begun.map(({ id }) => id);
}

/**
 * Makes usage fit a quota that was changed: a period that begins later than what was counted so far counts what its
 * hours had, and people are told when the changed quota is nearly spent.
 */
export async function settleChangedQuota(tx: Executor, id: string, at: Date): Promise<void> {
  const start = periodStartOfRow(at);
  await tx.execute(sql`
    update connections set quota_period_start = ${start}, used_bytes = coalesce((
      select sum(bytes_up + bytes_down) from usage_hourly
      where connection_id = connections.id and hour >= ${start}
    ), 0)
    where id = ${id} and quota_period_start < ${start}`);
  const settled = await tx.execute<QuotaRow>(sql`
    update connections set quota_notified_percent = ${reachedPercent(sql`used_bytes`)}
    from (select id, quota_notified_percent as notified_before from connections where id = ${id}) as before
    where connections.id = before.id
    returning ${QUOTA_COLUMNS}`);
  await queueQuotaNotices(tx, settled, at);
}
