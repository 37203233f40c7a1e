import { and, eq, gte, lt, sql, sum } from 'drizzle-orm';
import type { Db } from './database.ts';
import { usageHourly } from './schema.ts';

export interface UsageQuery {
  readonly of: { readonly connectionId: string } | { readonly deviceId: string };
  readonly unit: 'hour' | 'day' | 'month';
  readonly from: Date;
  readonly to: Date;
}

export interface UsageBucket {
  readonly start: Date;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Past usage of one connection or device. */
export class UsageRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async buckets({ of, unit, from, to }: UsageQuery): Promise<UsageBucket[]> {
    const owner =
      'connectionId' in of
        ? eq(usageHourly.connectionId, of.connectionId)
        : eq(usageHourly.deviceId, of.deviceId);
    const start = sql`date_trunc(${sql.raw(`'${unit}'`)}, ${usageHourly.hour}, 'UTC')`.mapWith(
      usageHourly.hour,
    );
    return await this.#db
      .select({
        start,
        bytesUp: sum(usageHourly.bytesUp).mapWith(Number),
        bytesDown: sum(usageHourly.bytesDown).mapWith(Number),
      })
      .from(usageHourly)
      .where(and(owner, gte(usageHourly.hour, from), lt(usageHourly.hour, to)))
      .groupBy(sql`1`)
      .orderBy(sql`1`);
  }
}
