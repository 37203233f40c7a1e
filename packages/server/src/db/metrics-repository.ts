import { and, eq, gte, lt, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './database.ts';
import { deviceMetrics } from './metrics-schema.ts';

/** A sample further back than this says nothing about the first one of a range. */
const BEFORE_MS = 60 * 60_000;

/** What a device reported at one moment, and the bytes of its interfaces since the sample before. */
export interface DeviceSample {
  readonly at: Date;
  readonly signalDbm: number | null;
  readonly batteryPercent: number | null;
  readonly batteryCharging: boolean | null;
  readonly networkType: string | null;
  readonly wifiBytesUp: number;
  readonly wifiBytesDown: number;
  readonly mobileBytesUp: number;
  readonly mobileBytesDown: number;
}

/** What devices reported over time. */
export class MetricsRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Samples of one device from `from` (included) to `to`, the oldest first. */
  async between(deviceId: string, from: Date, to: Date): Promise<DeviceSample[]> {
    const { at, signalDbm, batteryPercent, batteryCharging, networkType } = deviceMetrics;
    const rows = await this.#db
      .select({
        ...{ at, signalDbm, batteryPercent, batteryCharging, networkType },
        wifiBytesUp: sinceSampleBefore(deviceMetrics.wifiBytesUp),
        wifiBytesDown: sinceSampleBefore(deviceMetrics.wifiBytesDown),
        mobileBytesUp: sinceSampleBefore(deviceMetrics.mobileBytesUp),
        mobileBytesDown: sinceSampleBefore(deviceMetrics.mobileBytesDown),
      })
      .from(deviceMetrics)
      .where(
        and(eq(deviceMetrics.deviceId, deviceId), gte(at, new Date(from.getTime() - BEFORE_MS)), lt(at, to)),
      )
      .orderBy(at);
    return rows.filter((row) => row.at >= from);
  }
}

function sinceSampleBefore(total: PgColumn) {
  return sql`coalesce(${total} - lag(${total}) over (order by ${deviceMetrics.at}), 0)`.mapWith(Number);
}
