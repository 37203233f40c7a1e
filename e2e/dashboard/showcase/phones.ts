import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import { idAt } from './history.ts';

type State = 'online' | 'reconnecting' | 'offline';
/** Name, model, carrier, network, signal in dBm, battery in percent, whether it charges, and how it is. */
type Phone = readonly [string, string, string, string, number, number, boolean, State];

const PHONES: readonly Phone[] = [
  ['Pixel 7 #04', 'Pixel 7', 'Vodafone', '5G', -78, 82, true, 'online'],
  ['Pixel 7 #05', 'Pixel 7', 'Vodafone', '5G', -84, 91, true, 'online'],
  ['Pixel 8a #12', 'Pixel 8a', 'Telekom', '5G', -71, 100, true, 'online'],
  ['Moto G54 #11', 'moto g54 5G', 'O2', 'LTE', -97, 64, false, 'online'],
  ['Moto G54 #13', 'moto g54 5G', 'O2', 'LTE', -101, 58, true, 'online'],
  ['Galaxy A52 #01', 'SM-A528B', 'Telekom', '5G', -88, 77, true, 'online'],
  ['Galaxy A52 #02', 'SM-A528B', 'Telekom', 'LTE', -109, 12, false, 'offline'],
  ['Galaxy A54 #08', 'SM-A546B', 'Vodafone', '5G', -81, 96, true, 'online'],
  ['Redmi 12 #21', 'Redmi 12 5G', '1&1', 'LTE', -93, 88, true, 'online'],
  ['Redmi 12 #22', 'Redmi 12 5G', '1&1', 'LTE', -95, 73, true, 'online'],
  ['Redmi 12 #23', 'Redmi 12 5G', '1&1', '3G', -112, 9, false, 'online'],
  ['Xperia 10 V #31', 'XQ-DC54', 'O2', '5G', -86, 100, true, 'online'],
  ['Nokia G42 #40', 'Nokia G42 5G', 'Telekom', '5G', -90, 69, true, 'reconnecting'],
  ['Nokia G42 #41', 'Nokia G42 5G', 'Telekom', 'LTE', -99, 84, true, 'online'],
  ['Fairphone 5 #50', 'FP5', 'Vodafone', '5G', -76, 95, true, 'online'],
  ['Fairphone 5 #51', 'FP5', 'Vodafone', 'LTE', -104, 41, false, 'offline'],
];

const HOUR_MS = 3_600_000;
/** A relay of another machine, which keeps the phones online although nothing is behind them. */
const FAR_RELAY = '5f0b7c1e-0000-4000-8000-000000000002';
const ABILITIES = ['rotate_ip', 'find_phone', 'reboot', 'wifi', 'restart_agent', 'update_agent'];
const NO_RADIO = {
  ...{ name: 'rotate_ip', reason: 'no permission to switch the radio' },
  fix: 'Run once from a computer: adb shell pm grant com.termux.api android.permission.WRITE_SECURE_SETTINGS',
};

/** Adds phones of several carriers, most of them online; their ids, the one to look at first. */
export async function insertPhones(sql: postgres.Sql): Promise<readonly string[]> {
  const [relay] = await sql`SELECT * FROM relays`;
  const [owner] = await sql`SELECT id FROM organization ORDER BY created_at LIMIT 1`;
  const now = Date.now();
  const alive = new Date(now + 24 * HOUR_MS);
  await sql`INSERT INTO relays ${sql({ ...relay, id: FAR_RELAY, public_host: 'fra-2.example.net', heartbeat_at: alive })}`;
  const rows = PHONES.map(([name, model, carrier, network, dbm, battery, charging, state], at) => ({
    ...{
      id: idAt(now - (90 - at) * 24 * HOUR_MS),
      organization_id: owner?.id,
      relay_id: relay?.id,
      name,
      model,
      carrier,
    },
    ...{ description: at === 0 ? 'Rack 1, shelf 2. SIM ends in 4471, 200 GB a month.' : '' },
    ...{ key_fingerprint: createHash('sha256').update(name).digest('hex'), platform: 'termux' },
    ...{ agent_version: at === 9 ? '0.0.9' : '0.1.0', os_version: `Android ${13 + (at % 3)}` },
    ...{ network_type: network, signal_dbm: dbm, battery_percent: battery, battery_charging: charging },
    exit_ip: state === 'offline' ? null : `100.${64 + ((at * 7) % 60)}.${(at * 53) % 250}.${(at * 97) % 250}`,
    capabilities: at === 8 ? ABILITIES.slice(1) : ABILITIES,
    missing_capabilities: sql.json(at === 8 ? [NO_RADIO] : []),
    last_seen_at: new Date(now - (state === 'offline' ? (at + 1) * HOUR_MS * 0.7 : 4_000 + at * 900)),
    connected_relay_id: state === 'online' ? FAR_RELAY : null,
    ...{ logged_status: state, outage_told: state === 'offline' },
    auto_rotate_minutes: at % 3 === 0 ? 60 : null,
    next_rotation_at: at % 3 === 0 ? new Date(now + 24 * 60_000 + at * 60_000) : null,
    ...{ rotation_min_interval_seconds: 60, learned_hold_seconds: 4 },
    ...{ mobile_bytes_up: 9e9, mobile_bytes_down: 84e9 },
    created_at: new Date(now - (90 - at) * 24 * HOUR_MS),
  }));
  await sql`INSERT INTO devices ${sql(rows)}`;
  return rows.map(({ id }) => id);
}

/** Phones that are online have said so a moment ago. */
export async function touchPhones(sql: postgres.Sql): Promise<void> {
  await sql`UPDATE devices SET last_seen_at = now() - (2 + ascii(right(name, 1)) % 7) * interval '1 second' WHERE connected_relay_id = ${FAR_RELAY}`;
  await sql`UPDATE devices SET last_seen_at = now() - interval '40 seconds' WHERE logged_status = 'reconnecting'`;
}
