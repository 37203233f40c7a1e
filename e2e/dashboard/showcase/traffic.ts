import type postgres from 'postgres';
import type { NewConnection } from '../../harness/api-client.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = 7 * 24;
const DAYS = 60;
const SAMPLE_MS = 5 * 60_000;
const SAMPLES = (2 * DAY_MS) / SAMPLE_MS;

/** Between 0 and 1, the same each time, without a visible pattern. */
export function noise(seed: number): number {
  const value = Math.sin(seed * 127.1 + 11.7) * 43_758.5453;
  return value - Math.floor(value);
}

/** Hours and days of bytes of each connection: busy in the evening, quiet at night. */
export async function insertTraffic(sql: postgres.Sql, made: readonly NewConnection[]): Promise<void> {
  const [own] = await sql`SELECT organization_id FROM devices LIMIT 1`;
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  for (const [place, { id, deviceId }] of made.entries()) {
    const common = { connection_id: id, device_id: deviceId, organization_id: own?.organization_id };
    const size = 1 / (1 + place * 0.4);
    const bytes = (at: number, share: number) => ({
      bytes_down: Math.round(size * share * (0.7 + 0.6 * noise(at * 3 + place)) * 4.2e8),
      bytes_up: Math.round(size * share * (0.6 + 0.8 * noise(at * 5 + place)) * 5.5e7),
    });
    const hours = Array.from({ length: HOURS }, (_, at) => {
      const start = hour - at * HOUR_MS;
      return { ...common, ...bytes(at, busy(new Date(start).getUTCHours())), hour: new Date(start) };
    });
    const days = Array.from({ length: DAYS }, (_, at) => {
      const start = new Date(hour - at * DAY_MS);
      const day = start.toISOString().slice(0, 10);
      const weekend = start.getUTCDay() % 6 === 0 ? 0.6 : 1;
      // Days of which all hours are there are their sum, as the server has it.
      const own =
        at < HOURS / 24 ? sumOf(hours.filter((one) => one.hour.toISOString().startsWith(day))) : null;
      return { ...common, ...(own ?? bytes(at + 500, 13 * weekend)), day };
    });
    await sql`INSERT INTO usage_hourly ${sql(hours)}`;
    await sql`INSERT INTO usage_daily ${sql(days)}`;
  }
}

function sumOf(rows: readonly { readonly bytes_down: number; readonly bytes_up: number }[]) {
  return {
    bytes_down: rows.reduce((sum, row) => sum + row.bytes_down, 0),
    bytes_up: rows.reduce((sum, row) => sum + row.bytes_up, 0),
  };
}

/** What part of its full speed a connection carries at an hour of the day. */
function busy(hour: number): number {
  return 0.18 + 0.82 * Math.max(0, Math.sin(((hour - 7) / 17) * Math.PI)) ** 1.4;
}

/** Two days of what a phone reports every five minutes. */
export async function insertSamples(sql: postgres.Sql, deviceId: string): Promise<void> {
  const now = Math.floor(Date.now() / SAMPLE_MS) * SAMPLE_MS;
  const rows = Array.from({ length: SAMPLES }, (_, at) => {
    const charging = at % 130 > 78;
    const battery = charging ? 100 - ((at % 130) - 78) * 0.9 : 54 + (at % 130) * 0.56;
    return {
      ...{ device_id: deviceId, at: new Date(now - at * SAMPLE_MS) },
      signal_dbm: Math.round(-80 + Math.sin(at / 31) * 7 - noise(at) * 6),
      ...{ battery_percent: Math.round(battery), battery_charging: charging },
      network_type: at % 170 > 150 ? 'LTE' : '5G',
      ...{ wifi_bytes_up: (SAMPLES - at) * 2e4, wifi_bytes_down: (SAMPLES - at) * 3e4 },
      ...{ mobile_bytes_up: (SAMPLES - at) * 3e6, mobile_bytes_down: (SAMPLES - at) * 2.6e7 },
    };
  });
  await sql`INSERT INTO device_metrics ${sql(rows)}`;
}
