import { randomBytes, randomUUID } from 'node:crypto';
import type { NewConnection } from '../harness/api-client.ts';
import { openServerDatabase } from '../harness/server-database.ts';
import type { TestAgent } from '../harness/test-agent.ts';
import type { TestServer } from '../harness/test-server.ts';

const MODELS = ['Pixel 7', 'Moto G54', 'Galaxy A52', 'Redmi 12', 'Xperia 10 V', 'Nokia G42'];
const CARRIERS = ['Vodafone', 'O2', 'Telekom', '1&1'];
const NETWORKS = ['5G', 'LTE', 'LTE', '3G'];
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface Seeded {
  /** The phone that really runs. */
  readonly deviceId: string;
  readonly connectionId: string;
}

/**
 * Fills a server with what one in use has: phones beside the one that really runs, connections with limits, traffic of
 * two months and samples of a day. The same each time, but for times.
 */
export async function seedServer(server: TestServer, agent: TestAgent, phones = 24): Promise<Seeded> {
  const sql = openServerDatabase(server);
  try {
    await insertPhones(sql, agent.deviceId, phones);
    const { api } = server;
    const devices = await api.devices();
    const connections: NewConnection[] = [];
    for (const [at, device] of devices.slice(0, 12).entries()) {
      const deviceId = at < 3 ? agent.deviceId : device.id;
      const limits = {
        quotaBytes: at % 3 === 0 ? 10 * 1024 ** 3 : null,
        speedLimitMbps: at % 4 === 0 ? 20 : null,
      };
      const fields = { deviceId, name: `acme-${at + 1}`, ...limits, maxFlows: at % 2 === 0 ? 50 : null };
      connections.push(await api.createConnection(fields));
    }
    await insertTraffic(sql, connections);
    await insertSamples(sql, agent.deviceId);
    await api.call('POST', '/rotation-links', { deviceId: agent.deviceId, name: 'acme, self-service' });
    const webhook = { type: 'webhook', name: 'Operations', target: 'https://hooks.example.com/pocketproxy' };
    const events = ['device.offline', 'device.recovered', 'quota.exhausted'];
    await api.call('POST', '/notification-channels', { ...webhook, events });
    await api.call('POST', '/users', { email: 'ops@lab.example', name: 'Night shift', role: 'operator' });
    await api.call('POST', '/api-keys', { name: 'Billing', scopes: ['connections:read', 'stats:read'] });
    for (let turn = 0; turn < 2; turn += 1) {
      await api.call('POST', `/devices/${agent.deviceId}/rotate?waitSeconds=30`);
    }
    return { deviceId: agent.deviceId, connectionId: connections[0]?.id ?? '' };
  } finally {
    await sql.end();
  }
}

type Sql = ReturnType<typeof openServerDatabase>;

async function insertPhones(sql: Sql, template: string, count: number): Promise<void> {
  const [own] = await sql`SELECT organization_id, relay_id FROM devices WHERE id = ${template}`;
  const rows = Array.from({ length: count }, (_, at) => {
    const offline = at % 6 === 5;
    return {
      ...{ id: randomUUID(), organization_id: own?.organization_id, relay_id: own?.relay_id },
      name: `${MODELS[at % MODELS.length]} #${String(at + 2).padStart(2, '0')}`,
      ...{ key_fingerprint: randomBytes(32).toString('hex'), platform: 'termux', agent_version: '0.1.0' },
      ...{ model: MODELS[at % MODELS.length], os_version: 'Android 14' },
      ...{ carrier: CARRIERS[at % CARRIERS.length], network_type: NETWORKS[at % NETWORKS.length] },
      signal_dbm: -65 - ((at * 7) % 45),
      ...{ battery_percent: 35 + ((at * 13) % 65), battery_charging: at % 2 === 0 },
      exit_ip: offline ? null : `100.72.${at}.${(at * 37) % 250}`,
      last_seen_at: new Date(Date.now() - (offline ? at * HOUR_MS : 3_000)),
      // The relay that runs has not seen them: they count as reconnecting for two minutes, and as offline after.
      connected_relay_id: offline ? null : own?.relay_id,
    };
  });
  await sql`INSERT INTO devices ${sql(rows)}`;
}

async function insertTraffic(sql: Sql, connections: readonly NewConnection[]): Promise<void> {
  const [own] = await sql`SELECT organization_id FROM devices LIMIT 1`;
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const common = (at: number, connection: NewConnection, size: number) => ({
    ...{
      connection_id: connection.id,
      device_id: connection.deviceId,
      organization_id: own?.organization_id,
    },
    bytes_down: Math.round(size * (1.2 + Math.sin(at / 3.8)) * 2e8),
    bytes_up: Math.round(size * (1.1 + Math.cos(at / 4.1)) * 3e7),
  });
  for (const [place, connection] of connections.entries()) {
    const size = 1 / (place + 1);
    const hours = Array.from({ length: 7 * 24 }, (_, at) => ({
      ...common(at, connection, size),
      hour: new Date(now - at * HOUR_MS),
    }));
    const days = Array.from({ length: 60 }, (_, at) => ({
      ...common(at, connection, size * 24),
      day: new Date(now - at * DAY_MS).toISOString().slice(0, 10),
    }));
    await sql`INSERT INTO usage_hourly ${sql(hours)}`;
    await sql`INSERT INTO usage_daily ${sql(days)}`;
    const used = Math.round(size * 9.2e9);
    await sql`UPDATE connections SET used_bytes = ${used} WHERE id = ${connection.id}`;
  }
}

async function insertSamples(sql: Sql, deviceId: string): Promise<void> {
  const step = 5 * 60_000;
  const now = Math.floor(Date.now() / step) * step;
  const rows = Array.from({ length: 288 }, (_, at) => ({
    ...{ device_id: deviceId, at: new Date(now - at * step) },
    signal_dbm: Math.round(-80 + Math.sin(at / 20) * 12),
    battery_percent: Math.round(70 + Math.cos(at / 40) * 25),
    ...{ battery_charging: at % 80 < 40, network_type: at % 90 < 70 ? '5G' : 'LTE' },
    ...{ wifi_bytes_up: (288 - at) * 4e6, wifi_bytes_down: (288 - at) * 9e6 },
    ...{ mobile_bytes_up: (288 - at) * 3e6, mobile_bytes_down: (288 - at) * 8e6 },
  }));
  await sql`INSERT INTO device_metrics ${sql(rows)} ON CONFLICT DO NOTHING`;
}
