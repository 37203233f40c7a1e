import { and, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { usageDaily, usageHourly } from './schema.ts';
import { inScope, type Scope } from './scope.ts';

export interface UsageQuery {
  /** Connections of one device may be of several organizations. */
  readonly of:
    | { readonly connectionId: string }
    | { readonly deviceId: string; readonly scope: Scope }
    | { readonly scope: Scope };
  readonly unit: 'hour' | 'day' | 'month';
  readonly from: Date;
  readonly to: Date;
}

export interface UsageBucket {
  readonly start: Date;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

interface BucketRow extends Record<string, unknown> {
  readonly start: string | Date;
  readonly bytes_up: string;
  readonly bytes_down: string;
}

/** Past usage of one connection, or of everything that somebody may see: through one device or through all. */
export class UsageRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Buckets with traffic, the oldest first. An hour or day belongs to the range when its begin does. */
  async buckets({ of, unit, from, to }: UsageQuery): Promise<UsageBucket[]> {
    const rows = await this.#db.execute<BucketRow>(sql`
      select date_trunc(${unit}, begin, 'UTC') as start, sum(bytes_up) as bytes_up, sum(bytes_down) as bytes_down
      from (${unit === 'hour' ? hours(of, from, to) : days(of, from, to)}) as parts group by 1 order by 1`);
    return rows.map((row) => ({
      start: new Date(row.start),
      bytesUp: Number(row.bytes_up),
      bytesDown: Number(row.bytes_down),
    }));
  }
}

function hours(of: UsageQuery['of'], from: Date, to: Date): SQL {
  const { hour } = usageHourly;
  return sql`select ${hour} as begin, bytes_up, bytes_down from ${usageHourly}
    where ${owner(usageHourly, of)} and ${gte(hour, from)} and ${lt(hour, to)}`;
}

function days(of: UsageQuery['of'], from: Date, to: Date): SQL {
  const { day } = usageDaily;
  return sql`select ${day}::timestamp at time zone 'UTC' as begin, bytes_up, bytes_down from ${usageDaily}
    where ${owner(usageDaily, of)} and ${day} >= ${firstDayFrom(from)} and ${day} < ${firstDayFrom(to)}`;
}

/** The first day (UTC) that does not begin before `at`. */
function firstDayFrom(at: Date): SQL {
  return sql`((${at.toISOString()}::timestamptz - interval '1 ms') at time zone 'UTC')::date + 1`;
}

function owner(table: typeof usageHourly | typeof usageDaily, of: UsageQuery['of']): SQL {
  if ('connectionId' in of) return eq(table.connectionId, of.connectionId);
  const device = 'deviceId' in of ? eq(table.deviceId, of.deviceId) : undefined;
  return and(device, inScope(of.scope, table.organizationId)) ?? sql`true`;
}
