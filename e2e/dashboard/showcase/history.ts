import { randomBytes } from 'node:crypto';
import type postgres from 'postgres';
import { noise } from './traffic.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An id of version 7: lists are ordered by them. */
export function idAt(ms: number): string {
  const hex = `${ms.toString(16).padStart(12, '0')}7${randomBytes(10).toString('hex').slice(1)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.)(.{3})(.{12}).*$/, '$1-$2-$3-8$5-$6');
}

/** Rotations of the last days, with the addresses that they brought. */
export async function insertRotations(sql: postgres.Sql, devices: readonly string[]): Promise<void> {
  const [own] = await sql`SELECT organization_id FROM devices LIMIT 1`;
  const rotations = devices.slice(0, 12).flatMap((deviceId, place) =>
    Array.from({ length: place === 0 ? 44 : 4 }, (_, at) => {
      const began = Date.now() - 36 * MINUTE_MS - at * HOUR_MS - place * 7 * MINUTE_MS;
      const took = Math.round(5_400 + noise(at + place * 50) * 6_200);
      const failed = place > 0 && at === 2 && place % 5 === 0;
      const unchanged = at % 19 === 11;
      const end = began + took;
      return {
        ...{ id: idAt(began), organization_id: own?.organization_id, device_id: deviceId },
        ...{ status: failed ? 'failed' : unchanged ? 'unchanged' : 'succeeded', step: 'finished' },
        ...{ trigger: at % 7 === 3 ? 'link' : at % 5 === 4 ? 'manual' : 'schedule' },
        ...{ attempt: unchanged ? 3 : 1, hold_seconds: 4, reason: failed ? 'not_registered' : null },
        old_ip: addressOf(place, at + 1),
        new_ip: failed ? null : addressOf(place, unchanged ? at + 1 : at),
        ...{ created_at: new Date(began), started_at: new Date(began), finished_at: new Date(end) },
        duration_ms: took,
      };
    }),
  );
  for (const row of rotations) if (row.status === 'unchanged') row.reason = 'same_address';
  await sql`INSERT INTO rotations ${sql(rotations)}`;
  const addresses = rotations
    .filter(({ status }) => status === 'succeeded')
    .map((row) => ({
      ...{ id: idAt(row.finished_at.getTime()), organization_id: row.organization_id },
      ...{ device_id: row.device_id, ip: row.new_ip, previous_ip: row.old_ip, trigger: row.trigger },
      ...{ rotation_id: row.id, at: row.finished_at, duration_ms: row.duration_ms },
    }));
  await sql`INSERT INTO ip_history ${sql(addresses)}`;
  await sql`UPDATE devices d SET exit_ip = (
    SELECT ip FROM ip_history h WHERE h.device_id = d.id ORDER BY at DESC LIMIT 1
  ) WHERE exit_ip IS NOT NULL AND EXISTS (SELECT 1 FROM ip_history h WHERE h.device_id = d.id)`;
}

/** The address that a phone had `ago` rotations before now. */
function addressOf(place: number, ago: number): string {
  const part = (seed: number, count: number) => Math.floor(noise(seed + ago * 13 + place * 101) * count);
  return `100.${72 + part(1, 24)}.${1 + part(2, 250)}.${1 + part(3, 250)}`;
}

const COMMANDS = [
  ['find_phone', 'succeeded', 'Rang for 30 s', 34 * MINUTE_MS, 31_400],
  ['restart_agent', 'succeeded', 'Restarting', 5 * HOUR_MS, 2_100],
  ['wifi_off', 'succeeded', 'Wi-Fi is off', 26 * HOUR_MS, 1_300],
  ['reboot', 'failed', 'reboot: not permitted', 27 * HOUR_MS, 900],
  ['update_agent', 'succeeded', 'Updated to 0.1.0', 74 * HOUR_MS, 14_800],
] as const;

/** Orders of a phone, and when it was online in the last week. */
export async function insertWork(sql: postgres.Sql, deviceId: string): Promise<void> {
  const [own] = await sql`SELECT organization_id FROM devices WHERE id = ${deviceId}`;
  const rows = COMMANDS.map(([type, status, text, ago, took]) => {
    const given = Date.now() - ago;
    return {
      ...{ id: idAt(given), organization_id: own?.organization_id, device_id: deviceId, type, status },
      ...{ output: status === 'failed' ? null : text, reason: status === 'failed' ? text : null },
      ...{ created_at: new Date(given), sent_at: new Date(given + 80) },
      ...{ finished_at: new Date(given + took), expires_at: new Date(given + HOUR_MS) },
    };
  });
  await sql`INSERT INTO commands ${sql(rows)}`;
  const changes = [
    [8 * DAY_MS, 'online'],
    [5.2 * DAY_MS, 'reconnecting'],
    [5.2 * DAY_MS - 2 * MINUTE_MS, 'offline'],
    [5.2 * DAY_MS - 95 * MINUTE_MS, 'online'],
    [1.4 * DAY_MS, 'reconnecting'],
    [1.4 * DAY_MS - MINUTE_MS, 'online'],
    [9 * HOUR_MS, 'reconnecting'],
    [9 * HOUR_MS - 2 * MINUTE_MS, 'offline'],
    [9 * HOUR_MS - 24 * MINUTE_MS, 'online'],
  ] as const;
  const log = changes.map(([ago, status]) => ({
    device_id: deviceId,
    at: new Date(Date.now() - ago),
    status,
  }));
  await sql`INSERT INTO device_status_log ${sql(log)}`;
}
