import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { queueNotification } from './notification-outbox.ts';

/** A connection's quota after its usage or the quota itself was changed. */
export interface QuotaState {
  readonly id: string;
  readonly organizationId: string;
  readonly deviceId: string;
  readonly name: string;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
  readonly quotaPeriodStart: Date;
  /** Percent that was told of, before and after the change. */
  readonly notifiedBefore: number;
  readonly notifiedNow: number;
}

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
  states: readonly QuotaState[],
  at: Date,
): Promise<void> {
  for (const state of states) {
    const { id, organizationId, notifiedBefore, notifiedNow, quotaBytes } = state;
    if (notifiedNow <= notifiedBefore || quotaBytes === null) continue;
    const period = state.quotaPeriodStart.toISOString();
    await queueNotification(tx, {
      organizationId,
      event: notifiedNow === 100 ? 'quota.exhausted' : 'quota.warning',
      // A quota that was raised is another quota, of which can be told again.
      dedupeKey: `quota:${id}:${period}:${quotaBytes}:${notifiedNow}`,
      at,
      payload: {
        connectionId: id,
        connectionName: state.name,
        deviceId: state.deviceId,
        percent: notifiedNow,
        usedBytes: state.usedBytes,
        quotaBytes,
      },
    });
  }
}
