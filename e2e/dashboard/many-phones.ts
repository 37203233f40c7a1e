import { randomBytes, randomUUID } from 'node:crypto';
import { openServerDatabase } from '../harness/server-database.ts';
import type { TestServer } from '../harness/test-server.ts';

const MODELS = ['Pixel 7', 'Moto G54', 'Galaxy A52', 'Redmi 12', 'Xperia 10 V', 'Nokia G42'];
const CARRIERS = ['Vodafone', 'O2', 'Telekom', '1&1'];
const NETWORKS = ['5G', 'LTE', 'LTE', '3G'];
const HOUR_MS = 3_600_000;

/** Adds phones to a server, which count as reconnecting for two minutes, and as offline after. */
export async function insertManyPhones(server: TestServer, count: number): Promise<void> {
  const sql = openServerDatabase(server);
  const [relay] = await sql`SELECT id FROM relays`;
  const [owner] = await sql`SELECT id FROM organization ORDER BY created_at LIMIT 1`;
  const rows = Array.from({ length: count }, (_, at) => {
    const offline = at % 6 === 5;
    return {
      ...{ id: randomUUID(), organization_id: owner?.id, relay_id: relay?.id },
      name: `${MODELS[at % MODELS.length]} #${String(at + 2).padStart(2, '0')}`,
      ...{ key_fingerprint: randomBytes(32).toString('hex'), platform: 'termux', agent_version: '0.1.0' },
      ...{ model: MODELS[at % MODELS.length], os_version: 'Android 14' },
      ...{ carrier: CARRIERS[at % CARRIERS.length], network_type: NETWORKS[at % NETWORKS.length] },
      signal_dbm: -65 - ((at * 7) % 45),
      ...{ battery_percent: 35 + ((at * 13) % 65), battery_charging: at % 2 === 0 },
      exit_ip: offline ? null : `100.72.${at % 250}.${(at * 37) % 250}`,
      last_seen_at: new Date(Date.now() - (offline ? (at % 500) * HOUR_MS : 3_000)),
      connected_relay_id: offline ? null : relay?.id,
    };
  });
  await sql`INSERT INTO devices ${sql(rows)}`;
  await sql.end();
}
