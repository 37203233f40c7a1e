import { type SQL, sql } from 'drizzle-orm';
import type { DeviceTelemetryRow } from '../domain/stores.ts';
import type { Db } from './database.ts';
import { eventsAbout, notify } from './notify.ts';

type Counter = 'wifiUp' | 'wifiDown' | 'mobileUp' | 'mobileDown';

/**
 * Keeps what devices report: the latest values, the totals of their interfaces, and the first report of every five
 * minutes as a sample. Many devices in one statement.
 */
export async function recordTelemetry(db: Db, rows: readonly DeviceTelemetryRow[]): Promise<void> {
  if (rows.length === 0) return;
  const latest = [...new Map(rows.map((row) => [row.deviceId, row])).values()];
  const json = JSON.stringify(latest.map(({ deviceId, at, telemetry }) => ({ deviceId, at, ...telemetry })));
  await db.transaction(async (tx) => {
    const updated = await tx.execute<{ id: string }>(updateDevices(json));
    await notify(
      tx,
      eventsAbout(
        'device.telemetry',
        updated.map(({ id }) => id),
      ),
    );
  });
}

function updateDevices(json: string): SQL {
  return sql`
    with r as (
      select * from jsonb_to_recordset(${json}::jsonb) as r(
        "deviceId" uuid, at timestamptz, carrier text, "networkType" text, "signalDbm" smallint,
        "batteryPercent" smallint, "batteryCharging" boolean, "egressAddress" text, interfaces jsonb)
    ),
    locked as (select id from devices where id in (select "deviceId" from r) order by id for no key update),
    updated as (
      update devices set
        last_seen_at = greatest(last_seen_at, r.at), carrier = r.carrier, network_type = r."networkType",
        signal_dbm = r."signalDbm", battery_percent = r."batteryPercent",
        battery_charging = r."batteryCharging", egress_address = r."egressAddress",
        wifi_bytes_up = ${total('wifi_bytes_up', 'wifiUp')},
        wifi_bytes_down = ${total('wifi_bytes_down', 'wifiDown')},
        mobile_bytes_up = ${total('mobile_bytes_up', 'mobileUp')},
        mobile_bytes_down = ${total('mobile_bytes_down', 'mobileDown')},
        interface_counters = case when jsonb_typeof(r.interfaces) = 'object'
          then coalesce(interface_counters, '{}') || jsonb_strip_nulls(r.interfaces) else interface_counters end
      from r join locked on locked.id = r."deviceId"
      where devices.id = locked.id
      returning devices.*, r.at as reported_at
    ),
    sampled as (
      insert into device_metrics (device_id, at, signal_dbm, battery_percent, battery_charging, network_type,
        wifi_bytes_up, wifi_bytes_down, mobile_bytes_up, mobile_bytes_down)
      select id, date_bin('5 minutes', reported_at, '2000-01-01Z'), signal_dbm, battery_percent, battery_charging,
        network_type, wifi_bytes_up, wifi_bytes_down, mobile_bytes_up, mobile_bytes_down
      from updated order by id
      on conflict do nothing
    )
    select id from updated`;
}

/** What the interface has carried in all. A phone that counts nonsense must not keep the others of its batch from being stored. */
function total(column: string, counter: Counter): SQL {
  return sql`least(${sql.raw(column)} + ${growth(counter)}, ${sql.raw(String(Number.MAX_SAFE_INTEGER))})`;
}

/**
 * By how much a counter of an interface grew since it was last reported. Counters begin anew with the device, and
 * what they say first is from before anybody listened.
 */
function growth(counter: Counter): SQL {
  const now = sql`(r.interfaces->>${sql.raw(`'${counter}'`)})::bigint`;
  const last = sql`(interface_counters->>${sql.raw(`'${counter}'`)})::bigint`;
  return sql`coalesce(case when ${now} >= ${last} then ${now} - ${last} when ${last} is not null then ${now} end, 0)`;
}
