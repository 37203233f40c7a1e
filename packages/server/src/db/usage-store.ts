import { type SQL, sql } from 'drizzle-orm';
import type { UsagePortion, UsageStore } from '../domain/stores.ts';
import type { Db } from './database.ts';
import { eventsAbout, notify } from './notify.ts';
import { QUOTA_COLUMNS, type QuotaRow, queueQuotaNotices, reachedPercent } from './quota-notices.ts';

/** Counted bytes, by hour, by day and as running totals, and how many flows are open. */
export class PostgresUsageStore implements UsageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async add(portions: readonly UsagePortion[], at: Date): Promise<void> {
    if (portions.length === 0) return;
    await this.#db.transaction(async (tx) => {
      const stored = await tx.execute<QuotaRow>(addUsage(JSON.stringify(portions), at));
      await queueQuotaNotices(tx, stored, at);
      const ids = stored.map(({ id }) => id);
      await notify(tx, eventsAbout('connection.usage', ids));
    });
  }
}

/**
 * Adds what the rows do not have yet. Rows are locked in one order everywhere, so that two writers of many rows cannot
 * deadlock. A connection that was deleted has no total to compare with: its last bytes are taken as they come. Bytes
 * of a quota period that is over count by the hour only.
 */
function addUsage(portions: string, at: Date): SQL {
  const hour = sql`date_trunc('hour', ${at.toISOString()}::timestamptz, 'UTC')`;
  return sql`
    with r as (
      select * from jsonb_to_recordset(${portions}::jsonb) as r(
        "connectionId" uuid, "deviceId" uuid, "organizationId" text, "bytesUp" bigint, "bytesDown" bigint,
        "countedUp" bigint, "countedDown" bigint, "quotaBytes" bigint, "quotaPeriodStart" timestamptz,
        "openFlows" int)
    ),
    locked as (
      select id, counted_up, counted_down, quota_notified_percent from connections
      where id in (select "connectionId" from r) order by id for no key update
    ),
    added as (
      select r.*, locked.quota_notified_percent as notified_before,
        case when locked.id is null then "bytesUp" else greatest("countedUp" - counted_up, 0) end as up,
        case when locked.id is null then "bytesDown" else greatest("countedDown" - counted_down, 0) end as down
      from r left join locked on locked.id = r."connectionId"
    ),
    hourly as (${addTo('usage_hourly', 'hour', hour)}),
    daily as (${addTo('usage_daily', 'day', sql`(${hour} at time zone 'UTC')::date`)}),
    totalled as (
      select added.*, case when c.quota_period_start = "quotaPeriodStart"
        then least("quotaBytes", up + down) else 0 end as quota
      from added join connections c on c.id = "connectionId"
    )
    update connections set
      used_bytes = used_bytes + quota, counted_up = counted_up + up, counted_down = counted_down + down,
      open_flows = "openFlows",
      quota_notified_percent = greatest(quota_notified_percent, ${reachedPercent(sql`used_bytes + quota`)})
    from totalled where connections.id = "connectionId" and (up + down > 0 or open_flows <> "openFlows")
    returning ${QUOTA_COLUMNS}`;
}

/** Rows of one device come side by side, so that its charts read a fraction of the pages. */
function addTo(table: 'usage_hourly' | 'usage_daily', column: 'hour' | 'day', begin: SQL): SQL {
  const [name, time] = [sql.identifier(table), sql.identifier(column)];
  return sql`
    insert into ${name} (connection_id, ${time}, device_id, organization_id, bytes_up, bytes_down)
    select "connectionId", ${begin}, "deviceId", "organizationId", up, down
    from added where up + down > 0 order by "deviceId", "connectionId"
    on conflict (connection_id, ${time}) do update
    set bytes_up = ${name}.bytes_up + excluded.bytes_up, bytes_down = ${name}.bytes_down + excluded.bytes_down`;
}
