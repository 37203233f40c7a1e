import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeclaredRoute } from './api/api.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { type Method, type Person, TestControl } from './testing/test-control.ts';

/**
 * How a customer of another organization meets a route:
 *
 * - `public`: nobody has to log in, and nothing that belongs to somebody is named by an id
 * - `own`: it is about the caller alone, and takes no id
 * - `staff`: 403, whatever is asked for
 * - `foreign`: an id of somebody else is 404
 * - `list`: holds nothing of others
 * - `elsewhere`: cannot be asked in this way, and has a test of its own
 */
type Meeting = 'public' | 'own' | 'staff' | 'foreign' | 'list' | 'elsewhere';

/** Every route, below `/api/v1` unless it begins with another path. A new one needs a line here. */
const MEETINGS: Readonly<Record<string, Meeting>> = {
  'GET //healthz': 'public',
  'GET //readyz': 'public',
  // For programs on this host; others need a token that may metrics:read. api/metrics-routes has tests.
  'GET //metrics': 'elsewhere',
  'GET //r/:token': 'public',
  'POST //r/:token': 'public',
  'GET //assets/*': 'public',
  'GET //theme.js': 'public',
  'GET //favicon.svg': 'public',
  'GET //*': 'public',
  'GET /docs': 'public',
  'GET /docs/': 'public',
  'GET /docs/js/scalar.js': 'public',
  'GET /openapi.json': 'public',
  'POST /auth/login': 'public',
  'POST /auth/refresh': 'public',
  'POST /invitations/accept': 'public',

  'GET /auth/me': 'own',
  'PATCH /auth/me': 'own',
  'GET /auth/sessions': 'list',
  'DELETE /auth/sessions/:id': 'foreign',
  'POST /auth/logout': 'own',
  'POST /auth/password': 'own',
  'POST /auth/two-factor/setup': 'own',
  'POST /auth/two-factor/enable': 'own',
  'POST /auth/two-factor/disable': 'own',
  'POST /auth/two-factor/backup-codes': 'own',

  'GET /users': 'staff',
  'POST /users': 'staff',
  'GET /users/:id': 'staff',
  'PATCH /users/:id': 'staff',
  'DELETE /users/:id': 'staff',
  'POST /users/:id/password': 'staff',
  'DELETE /users/:id/two-factor': 'staff',
  'GET /invitations': 'staff',
  'POST /invitations': 'staff',
  'DELETE /invitations/:id': 'staff',
  'GET /organizations': 'staff',
  'POST /organizations': 'staff',
  'GET /organizations/:id': 'staff',
  'PATCH /organizations/:id': 'staff',
  'DELETE /organizations/:id': 'staff',
  'GET /api-keys': 'list',
  'POST /api-keys': 'own',
  'GET /api-keys/:id': 'foreign',
  'DELETE /api-keys/:id': 'foreign',
  'GET /audit-log': 'staff',

  'GET /pairing-codes': 'staff',
  'POST /pairing-codes': 'staff',
  'GET /pairing-codes/:id': 'staff',
  'DELETE /pairing-codes/:id': 'staff',
  'GET /devices': 'list',
  'GET /devices/:id': 'foreign',
  'PATCH /devices/:id': 'staff',
  'DELETE /devices/:id': 'staff',
  'GET /devices/:id/bandwidth': 'foreign',
  'GET /devices/:id/uptime': 'foreign',
  'GET /devices/:id/metrics': 'foreign',
  'GET /devices/:id/commands': 'staff',
  'POST /devices/:id/commands': 'staff',
  'GET /commands/:id': 'staff',
  'POST /commands/:id/cancel': 'staff',
  'POST /devices/:id/rotate': 'staff',
  'GET /devices/:id/rotations': 'foreign',
  'GET /devices/:id/ip-history': 'foreign',
  'GET /rotations/active': 'list',
  'GET /rotations/:id': 'foreign',
  'GET /rotation-links': 'staff',
  'POST /rotation-links': 'staff',
  'GET /rotation-links/:id': 'staff',
  'DELETE /rotation-links/:id': 'staff',

  'GET /connections': 'list',
  'POST /connections': 'staff',
  'GET /connections/:id': 'foreign',
  'PATCH /connections/:id': 'staff',
  'DELETE /connections/:id': 'staff',
  'POST /connections/:id/password': 'staff',
  'POST /connections/:id/reset-usage': 'staff',
  'GET /connections/:id/bandwidth': 'foreign',
  'GET /connections/:id/ovpn': 'foreign',

  'GET /notification-channels': 'staff',
  'POST /notification-channels': 'staff',
  'GET /notification-channels/:id': 'staff',
  'PATCH /notification-channels/:id': 'staff',
  'DELETE /notification-channels/:id': 'staff',
  'POST /notification-channels/:id/test': 'staff',
  'GET /notification-channels/:id/deliveries': 'staff',
  'GET /stats/overview': 'list',
  'GET /stats/devices': 'list',
  'GET /stats/bandwidth': 'list',
  'GET /server': 'staff',
  // A WebSocket: api/live-routes has tests with customers.
  'GET /live': 'elsewhere',
};

/** Part of every name of what belongs to the other customer. */
const CANARY = 'FOREIGN-CANARY';

let control: TestControl;
let customer: Person;
/** Of the customer, with all that it may give. */
let apiKey: string;
/** Ids of the other customer's things, by the part of the path before them. */
const foreign: Record<string, string> = {};

beforeAll(async () => {
  control = await TestControl.start();
  await control.app.ready();
  const [admin, other] = [await control.person('admin'), await control.person('customer')];
  customer = await control.person('customer');
  await makeForeignThings(admin, other);
  const scopes = [
    'devices:read',
    'rotations:read',
    'connections:read',
    'stats:read',
    'live:read',
    'api-keys:read',
  ];
  apiKey = (await control.call('POST', '/api-keys', { name: 'Own', scopes }, customer)).body.key;
});
afterAll(() => control.stop());

/** One of everything that has an id, for the other customer. */
async function makeForeignThings(admin: Person, other: Person): Promise<void> {
  const { organizationId } = other;
  const relayId = await insertRelay(control.db);
  const device = await insertDevice(control.db, relayId, {
    ...{ organizationId, name: CANARY, capabilities: ['find_phone', 'rotate_ip'] },
  });
  const connection = await insertConnection(control.db, device, { name: CANARY, username: CANARY });
  const made = async (path: string, body: object, { token } = admin) => {
    const answer = await control.call('POST', path, body, { token });
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body.id as string;
  };
  const target = 'https://example.com/hook';
  const channel = { name: CANARY, type: 'webhook', target, events: ['device.offline'] };
  const sessions = await control.call('GET', '/auth/sessions', undefined, other);
  Object.assign(foreign, {
    ...{ devices: device.id, connections: connection.id, users: other.id, organizations: organizationId },
    sessions: sessions.body.items[0].id,
    'pairing-codes': await made('/pairing-codes', { name: CANARY }),
    invitations: await made('/invitations', {
      email: `${CANARY}@example.com`,
      role: 'customer',
      organizationId,
    }),
    'api-keys': await made('/api-keys', { name: CANARY, scopes: ['devices:read'] }, other),
    commands: await made(`/devices/${device.id}/commands`, { type: 'find_phone' }),
    rotations: await made(`/devices/${device.id}/rotate`, {}),
    'rotation-links': await made('/rotation-links', { deviceId: device.id, name: CANARY }),
    'notification-channels': await made('/notification-channels', channel),
  });
}

const routes = () => control.app.declaredRoutes.filter(({ method }) => method !== 'HEAD');

function nameOf({ method, url }: DeclaredRoute): string {
  return `${method} ${url.startsWith('/api/v1') ? url.slice('/api/v1'.length) : `/${url}`}`;
}

/** The path of a route, below `/api/v1`, with the other customer's id in it. */
function pathOf(name: string): string {
  const path = name.split(' ')[1]!;
  const [, resource = ''] = /([^/]+)\/:id/.exec(path) ?? [];
  if (resource !== '') expect(foreign[resource], `an id for ${path}`).toBeDefined();
  return path.replace(':id', foreign[resource] ?? '');
}

function namesOf(...meetings: Meeting[]): string[] {
  return Object.keys(MEETINGS).filter((name) => meetings.includes(MEETINGS[name]!));
}

async function ask(name: string, token: string) {
  const method = name.split(' ')[0] as Method;
  const body = method === 'GET' || method === 'DELETE' ? undefined : {};
  return await control.call(method, pathOf(name), body, { token });
}

/** Everything that is stored, apart from what a request may always write. */
async function everything(): Promise<string> {
  const tables = await control.db.execute<{ name: string }>(sql`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name not in ('session', 'api_keys', 'jwks', 'live_events') order by 1`);
  const rows = await Promise.all(
    tables.map(({ name }) => control.db.execute(sql`select * from ${sql.identifier(name)} order by 1`)),
  );
  return JSON.stringify(rows);
}

test('every route says how strangers meet it', () => {
  expect(routes().map(nameOf).sort()).toEqual(Object.keys(MEETINGS).sort());
});

test('what is public is what declares itself so', () => {
  const open = routes().filter(({ permission }) => permission === 'public');
  expect(open.map(nameOf).sort()).toEqual(['GET //metrics', ...namesOf('public')].sort());
});

test('a route that takes an id is refused to strangers, or for staff, or has a test elsewhere', () => {
  const withId = Object.entries(MEETINGS).filter(([name]) => name.includes('/:id'));
  expect(withId.length).toBeGreaterThan(30);
  for (const [name, meeting] of withId) expect(['staff', 'foreign'], name).toContain(meeting);
});

describe('a customer of another organization', () => {
  test.each([
    ['logged in', () => customer.token, [404]],
    // Some of it no key may ever do.
    ['with an API key', () => apiKey, [403, 404]],
  ])('%s is refused every id and what is for staff, and changes nothing', async (_, token, refused) => {
    const before = await everything();
    for (const name of namesOf('staff', 'foreign')) {
      const { status, body } = await ask(name, token());
      expect(MEETINGS[name] === 'staff' ? [403] : refused, `${name} answered ${status}`).toContain(status);
      expect(JSON.stringify(body), name).not.toContain(CANARY);
    }
    expect(await everything()).toBe(before);
  });

  test('sees nothing foreign in any list, also when it asks for it by id', async () => {
    const lists = [...namesOf('list'), `GET /connections?deviceId=${foreign.devices}`];
    for (const name of lists) {
      const { status, body } = await ask(name, customer.token);
      expect(status, name).toBe(200);
      const text = JSON.stringify(body);
      for (const id of [CANARY, ...Object.values(foreign)]) expect(text, name).not.toContain(id);
    }
  });

  test('counts nothing that belongs to others', async () => {
    const { body } = await ask('GET /stats/overview', customer.token);
    expect(body).toMatchObject({ devices: { total: 0 }, today: { bytesUp: 0, bytesDown: 0 } });
    expect((await ask('GET /stats/devices', customer.token)).body.items).toEqual([]);
  });

  test('cannot give anything to an organization, nor take it', async () => {
    const body = { deviceId: foreign.devices, organizationId: customer.organizationId };
    expect((await control.call('POST', '/connections', body, customer)).status).toBe(403);
    expect((await control.call('PATCH', `/devices/${foreign.devices}`, body, customer)).status).toBe(403);
  });
});

test('without a token every route but the public ones is 401', async () => {
  for (const name of namesOf('own', 'staff', 'foreign', 'list')) {
    expect((await ask(name, '')).status, name).toBe(401);
  }
});
