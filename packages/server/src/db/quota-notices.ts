import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { queueNotification } from './notification-outbox.ts';

/** A connection's quota after its usage or the quota itself was changed, as `QUOTA_COLUMNS` answers it. */
export interface QuotaRow extends Record<string, unknown> {
  readonly id: string;
  readonly organization_id: string;
  readonly device_id: string;
  readonly name: string;
  readonly used_bytes: string;
  readonly quota_bytes: string | null;
  readonly quota_period_start: string | Date;
  /** Percent that was told of, before and after the change. */
  readonly notified_before: number;
  readonly notified_now: number;
}

/** What an UPDATE of `connections` returns for telling of it. It must name the percent before `notified_before`. */
export const QUOTA_COLUMNS: SQL = sql`
  connections.id, connections.organization_id, connections.device_id, connections.name, connections.used_bytes,
  connections.quota_bytes, connections.quota_period_start, notified_before,
  connections.quota_notified_percent as notified_now`;

/** The percentage that people are to be told of: 0, 80 or 100. Inside a statement about connections. */
export function reachedPercent(usedBytes: SQL, quotaBytes = sql`connections.quota_bytes`): SQL {
  return sql`(case
    when ${quotaBytes} is null then 0
    when ${usedBytes} >= ${quotaBytes} then 100
    when (${usedBytes})::numeric * 100 >= ${quotaBytes}::numeric * 80 then 80
    else 0 end)::smallint`;
}

/**
 * Queues a message for each quota that has reached a percentage which nobody was told of, in the transaction that
 * changed `quotaNotifiedPercent`: that conditional change decides who tells.
 */
export async function queueQuotaNotices(
  tx: Pick<Db, 'select' | 'insert' | 'execute'>,
  rows: readonly QuotaRow[],
  at: Date,
): Promise<void> {
  for (const row of rows) {
    const { id, name, notified_before: before, notified_now: percent, quota_bytes: quota } = row;
    if (percent <= before || quota === null) continue;
    const period = new Date(row.quota_period_start).toISOString();
    await queueNotification(tx, {
      organizationId: row.organization_id,
      event: percent === 100 ? 'quota.exhausted' : 'quota.warning',
      // A quota that was raised is another quota, of which can be told again.
      dedupeKey: `quota:${id}:${period}:${quota}:${percent}`,
      at,
      payload: {
        ...{ connectionId: id, connectionName: name, deviceId: row.device_id, percent },
        ...{ usedBytes: Number(row.used_bytes), quotaBytes: Number(quota) },
      },
    });
  }
}
