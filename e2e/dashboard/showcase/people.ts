import type postgres from 'postgres';
import type { ApiClient } from '../../harness/api-client.ts';
import { idAt } from './history.ts';
import { noise } from './traffic.ts';

const MINUTE_MS = 60_000;
const EVENTS = ['device.offline', 'device.recovered', 'quota.warning', 'quota.exhausted'];
const USERS = [
  { email: 'mara@example.com', name: 'Mara Lindqvist', role: 'admin' },
  { email: 'jonas@example.com', name: 'Jonas Weber', role: 'operator' },
  { email: 'night@example.com', name: 'Night shift', role: 'operator' },
] as const;

/** Who works here, who is told of what, and programs with keys. */
export async function addPeople(api: ApiClient): Promise<void> {
  for (const user of USERS) await api.call('POST', '/users', user);
  for (const name of ['Northwind Data', 'Globex Research']) {
    const { id: organizationId } = await api.call<{ id: string }>('POST', '/organizations', { name });
    const email = `ops@${name.toLowerCase().replace(' ', '-')}.example`;
    await api.call('POST', '/users', { email, name: `${name} ops`, role: 'customer', organizationId });
  }
  await api.call('POST', '/invitations', { email: 'lea@example.com', role: 'operator' });
  await api.call('POST', '/invitations', { email: 'sam@example.com', role: 'admin' });
  const keys = [
    { name: 'Billing export', scopes: ['connections:read', 'stats:read'] },
    { name: 'Shop, creates connections', scopes: ['connections:read', 'connections:write', 'devices:read'] },
    { name: 'Grafana', scopes: ['stats:read', 'devices:read'] },
  ];
  for (const key of keys) await api.call('POST', '/api-keys', key);
}

const CHANNELS = [
  { type: 'webhook', name: 'On-call', target: 'https://hooks.example.com/pocketproxy', events: EVENTS },
  { type: 'webhook', name: 'Operations', target: 'https://example.com/', events: EVENTS.slice(0, 2) },
  { type: 'webhook', name: 'Billing', target: 'https://billing.example.com/in', events: EVENTS.slice(2) },
];

/** Where messages go, and what became of the last ones. */
export async function addChannels(api: ApiClient, sql: postgres.Sql): Promise<void> {
  for (const channel of CHANNELS) {
    const made = await api.call<{ id: string }>('POST', '/notification-channels', channel);
    const [row] = await sql`SELECT organization_id FROM notification_channels WHERE id = ${made.id}`;
    const deliveries = Array.from({ length: 14 }, (_, at) => {
      const created = Date.now() - (at * 131 + 12) * MINUTE_MS;
      const failed = at === 5;
      return {
        ...{ id: idAt(created), organization_id: row?.organization_id, channel_id: made.id },
        ...{ event: channel.events[at % channel.events.length], dedupe_key: `showcase-${at}` },
        ...{ payload: sql.json({}), status: failed ? 'failed' : 'delivered', attempts: failed ? 8 : 1 },
        last_error: failed ? 'The host answered with 503 Service Unavailable' : null,
        ...{ created_at: new Date(created), delivered_at: failed ? null : new Date(created + 400) },
      };
    });
    await sql`INSERT INTO notification_deliveries ${sql(deliveries)}`;
  }
  // By the API only where a mail server is set.
  const email = { type: 'email', target: 'ops@example.com', secret: null };
  await sql`UPDATE notification_channels SET ${sql(email)} WHERE name = 'Operations'`;
}

/** Lets what was done in a moment have been done by several people over some days. */
export async function spreadAuditLog(sql: postgres.Sql): Promise<void> {
  const actors = ['mara@example.com', 'jonas@example.com', 'admin@lab.example', 'night@example.com'];
  const rows = await sql<{ id: string }[]>`SELECT id FROM audit_log ORDER BY id DESC`;
  let at = Date.now() - 6 * MINUTE_MS;
  for (const [place, { id }] of rows.entries()) {
    at -= Math.round((4 + noise(place) * 70) * MINUTE_MS);
    const changed = { id: idAt(at), at: new Date(at), actor_name: actors[Math.floor(noise(place + 9) * 4)] };
    await sql`UPDATE audit_log SET ${sql({ ...changed, address: `198.51.100.${7 + (place % 4)}` })} WHERE id = ${id}`;
  }
}
