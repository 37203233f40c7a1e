import { toCsv } from '#lib/csv.ts';
import { type DeviceRow, shownStatus } from './device-row.ts';

const HEAD = [
  ...['id', 'name', 'status', 'exit_ip', 'carrier', 'network', 'signal_dbm', 'battery_percent', 'charging'],
  ...['connections', 'bytes_today', 'last_seen_at', 'model', 'os_version', 'agent_version', 'description'],
];

/** The list as a table for other programs: everything as the API tells it, in bytes and UTC. */
export function devicesCsv(rows: readonly DeviceRow[]): string {
  return toCsv(
    HEAD,
    rows.map((row) => [
      ...[row.id, row.name, shownStatus(row), row.exitIp, row.carrier, row.networkType, row.signalDbm],
      ...[row.batteryPercent, row.batteryCharging, row.connections, row.bytesToday, row.lastSeenAt],
      ...[row.model, row.osVersion, row.agentVersion, row.description],
    ]),
  );
}
