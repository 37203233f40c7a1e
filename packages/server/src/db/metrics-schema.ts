/** What devices reported over time. */
import {
  bigint,
  boolean,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { devices } from './schema.ts';

const bytes = (name: string) => bigint(name, { mode: 'number' }).notNull();

/** One sample per device and five minutes: what it reported first in them. */
export const deviceMetrics = pgTable(
  'device_metrics',
  {
    deviceId: uuid('device_id')
      .notNull()
      .references(() => devices.id, { onDelete: 'cascade' }),
    /** Begin of the five minutes. */
    at: timestamp('at', { withTimezone: true, precision: 0 }).notNull(),
    signalDbm: smallint('signal_dbm'),
    batteryPercent: smallint('battery_percent'),
    batteryCharging: boolean('battery_charging'),
    networkType: text('network_type'),
    /** The device's totals at that moment: what was carried meanwhile is the difference of two samples. */
    wifiBytesUp: bytes('wifi_bytes_up'),
    wifiBytesDown: bytes('wifi_bytes_down'),
    mobileBytesUp: bytes('mobile_bytes_up'),
    mobileBytesDown: bytes('mobile_bytes_down'),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.at] }),
    // For dropping the old ones. Not BRIN: once rows have taken the place of dropped ones, it names every page.
    index('device_metrics_at').on(table.at),
  ],
);
