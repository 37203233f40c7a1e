import type { Db } from '../../packages/server/src/db/database.ts';
import { connections } from '../../packages/server/src/db/schema.ts';
import type { UsagePortion } from '../../packages/server/src/domain/stores.ts';

const UP = 20_000;
const DOWN = 500_000;

/** What a relay knows of a connection's bytes. */
export interface UsageRow {
  readonly id: string;
  readonly deviceId: string;
  readonly organizationId: string;
  readonly quotaPeriodStart: Date;
  countedUp: number;
  countedDown: number;
}

export async function loadUsageRows(db: Db): Promise<UsageRow[]> {
  const { id, deviceId, organizationId, quotaPeriodStart, countedUp, countedDown } = connections;
  return await db
    .select({ id, deviceId, organizationId, quotaPeriodStart, countedUp, countedDown })
    .from(connections);
}

/** Counts some bytes of a connection. */
export function portionOf(row: UsageRow): UsagePortion {
  row.countedUp += UP;
  row.countedDown += DOWN;
  return {
    ...{ connectionId: row.id, deviceId: row.deviceId, organizationId: row.organizationId },
    ...{ bytesUp: UP, bytesDown: DOWN, countedUp: row.countedUp, countedDown: row.countedDown },
    ...{ quotaBytes: UP + DOWN, quotaPeriodStart: row.quotaPeriodStart, openFlows: 0 },
  };
}
