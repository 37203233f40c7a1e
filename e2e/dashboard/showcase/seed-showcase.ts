import type postgres from 'postgres';
import type { NewConnection } from '../../harness/api-client.ts';
import { openServerDatabase } from '../../harness/server-database.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { insertRotations, insertWork } from './history.ts';
import { addChannels, addPeople, spreadAuditLog } from './people.ts';
import { insertPhones, touchPhones } from './phones.ts';
import { insertSamples, insertTraffic } from './traffic.ts';

const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

/** Name, place of its phone, quota in GiB and how much of it is used, speed in Mbit/s. */
const CONNECTIONS: readonly (readonly [string, number, number | null, number, number | null])[] = [
  ['northwind-eu-1', 0, 100, 0.41, 50],
  ['northwind-eu-2', 0, 100, 0.93, 50],
  ['qa-regression', 0, null, 0, null],
  ['globex-prices', 1, 250, 0.62, null],
  ['globex-stock', 2, 250, 0.18, null],
  ['ad-check-de', 3, 20, 0.86, 20],
  ['ad-check-at', 4, 20, 1, 20],
  ['initech-crawler', 5, 500, 0.37, 100],
  ['umbrella-apps', 7, 50, 0.55, 50],
  ['seo-monitor', 8, null, 0, 10],
  ['travel-fares', 9, 80, 0.71, null],
  ['trial-hooli', 10, 5, 0.64, 10],
  ['stark-mobile-qa', 11, null, 0, null],
  ['acme-old', 13, 40, 0.2, null],
];

export interface Showcase {
  /** The phone with the fullest history. */
  readonly deviceId: string;
  readonly connectionId: string;
  /** Lets phones that are online have reported just now. */
  refresh(): Promise<void>;
}

/** Fills a new server with what one has that an operator works with, the same each time but for times and ids. */
export async function seedShowcase(server: TestServer): Promise<Showcase> {
  const sql = openServerDatabase(server);
  try {
    const devices = await insertPhones(sql);
    const made: NewConnection[] = [];
    for (const [name, phone, quota, used, speedLimitMbps] of CONNECTIONS) {
      const deviceId = devices[phone] ?? '';
      const limits = { quotaBytes: quota && quota * GIB, quotaPeriod: 'month', speedLimitMbps };
      const connection = await server.api.createConnection({
        ...{ deviceId, name, username: name.replaceAll('-', '.'), ...limits },
        ...{ maxFlows: speedLimitMbps === null ? null : 100 },
      });
      made.push(connection);
      const bytes = Math.round((quota ?? 31) * GIB * (used || 0.4));
      await sql`UPDATE connections SET used_bytes = ${bytes} WHERE id = ${connection.id}`;
    }
    await nameEnds(server, made);
    await insertTraffic(sql, made);
    await insertSamples(sql, devices[0] ?? '');
    await insertRotations(sql, devices);
    await insertWork(sql, devices[0] ?? '');
    for (const [place, name] of ['Northwind, self-service', 'QA bench', 'Globex, prices'].entries()) {
      const link = { deviceId: devices[place] ?? '', name, minIntervalSeconds: [60, 300, 0][place] };
      await server.api.call('POST', '/rotation-links', link);
    }
    await addPeople(server.api);
    await addChannels(server.api, sql);
    await spreadAuditLog(sql);
    await ageEverything(sql);
    await touchPhones(sql);
    const refresh = async (): Promise<void> => {
      const again = openServerDatabase(server);
      await touchPhones(again);
      await again.end();
    };
    return { deviceId: devices[0] ?? '', connectionId: made[0]?.id ?? '', refresh };
  } finally {
    await sql.end();
  }
}

/** What was made a moment ago was made some weeks ago, and has been used since. */
async function ageEverything(sql: postgres.Sql): Promise<void> {
  for (const table of ['connections', 'rotation_links', 'notification_channels', 'api_keys', 'user']) {
    await sql`UPDATE ${sql(table)} SET created_at = now() - (9 + ascii(right(name, 1)) % 40) * interval '1 day'`;
  }
  for (const table of ['rotation_links', 'api_keys']) {
    await sql`UPDATE ${sql(table)} SET last_used_at = now() - (ascii(right(name, 1)) % 50) * interval '7 minutes'`;
  }
}

/** One ends in two days, one is disabled. */
async function nameEnds({ api }: TestServer, made: readonly NewConnection[]): Promise<void> {
  const find = (name: string) => made.find((one) => one.name === name)?.id ?? '';
  const expiresAt = new Date(Date.now() + 2.4 * DAY_MS).toISOString();
  await api.changeConnection(find('trial-hooli'), { expiresAt });
  await api.changeConnection(find('acme-old'), { enabled: false });
}
