import { sql } from 'drizzle-orm';
import type { UsageDelta, UsageStore } from '../domain/stores.ts';
import type { Db } from './database.ts';

/** Counted bytes, by hour and as running totals. */
export class PostgresUsageStore implements UsageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async add(deltas: readonly UsageDelta[], at: Date): Promise<void> {
    if (deltas.length === 0) return;
    const rows = JSON.stringify(mergeByConnection(deltas));
    const hour = new Date(at);
    hour.setUTCMinutes(0, 0, 0);
    await this.#db.transaction(async (tx) => {
      await tx.execute(sql`
        insert into usage_hourly (connection_id, hour, device_id, organization_id, bytes_up, bytes_down)
        select r."connectionId", ${hour.toISOString()}::timestamptz, r."deviceId", r."organizationId",
               r."bytesUp", r."bytesDown"
        from ${recordset(rows)}
        order by r."connectionId"
        on conflict (connection_id, hour) do update
        set bytes_up = usage_hourly.bytes_up + excluded.bytes_up,
            bytes_down = usage_hourly.bytes_down + excluded.bytes_down`);
      // Rows are locked in one order everywhere, so that two writers of many rows cannot deadlock.
      await tx.execute(sql`
        with r as (select * from ${recordset(rows)}),
        locked as (
          select id from connections where id in (select "connectionId" from r) order by id for no key update
        )
        update connections set used_bytes = used_bytes + r."bytesUp" + r."bytesDown"
        from r join locked on locked.id = r."connectionId"
        where connections.id = locked.id`);
    });
  }
}

function recordset(json: string) {
  return sql`jsonb_to_recordset(${json}::jsonb) as r(
    "connectionId" uuid, "deviceId" uuid, "organizationId" text, "bytesUp" bigint, "bytesDown" bigint)`;
}

/** An upsert cannot touch the same row twice in one statement. */
function mergeByConnection(deltas: readonly UsageDelta[]): UsageDelta[] {
  const merged = new Map<string, UsageDelta>();
  for (const delta of deltas) {
    const before = merged.get(delta.connectionId);
    merged.set(delta.connectionId, {
      ...delta,
      bytesUp: delta.bytesUp + (before?.bytesUp ?? 0),
      bytesDown: delta.bytesDown + (before?.bytesDown ?? 0),
    });
  }
  return [...merged.values()];
}
