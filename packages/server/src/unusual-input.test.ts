import { ne } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLog } from './db/access-schema.ts';
import { insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let admin: Person;
let deviceId: string;

beforeAll(async () => {
  control = await TestControl.start();
  admin = await control.person('admin');
  deviceId = (await insertDevice(control.db, await insertRelay(control.db))).id;
});
afterAll(() => control.stop());

const asAdmin: TestControl['call'] = (method, path, body, options) =>
  control.call(method, path, body, { token: admin.token, ...options });

/** What JSON can say and the database cannot keep. */
const UNSTORABLE = ['a\0b', 'a\ud83d', '\ude00b'];

test.each(UNSTORABLE)('a body with %j is refused by the field, and changes nothing', async (text) => {
  const refused = await asAdmin('PATCH', `/devices/${deviceId}`, { name: text });
  expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  expect(refused.body.errors[0].field).toBe('body.name');
  const inList = await asAdmin('POST', '/api-keys', { name: 'Script', scopes: ['devices:read', text] });
  expect(inList).toMatchObject({ status: 400, body: { errors: [{ field: 'body.scopes.1' }] } });
  const changes = control.db.select().from(auditLog).where(ne(auditLog.targetType, 'session'));
  expect(await changes).toEqual([]);
});

test('a zero byte in a path or a query is refused', async () => {
  expect(await asAdmin('GET', '/users/a%00b')).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'params.id' }] },
  });
  expect(await asAdmin('GET', '/audit-log?actor=%00')).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'querystring.actor' }] },
  });
});

test.each(['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-01:00'])(
  'the time %s is refused wherever one is taken',
  async (time) => {
    const query = `from=${encodeURIComponent(time)}`;
    for (const path of ['bandwidth', 'uptime', 'metrics']) {
      const refused = await asAdmin('GET', `/devices/${deviceId}/${path}?${query}`);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'querystring.from' }] } });
    }
    expect((await asAdmin('GET', `/audit-log?${query}`)).status).toBe(400);
    for (const path of ['connections', 'rotation-links']) {
      const refused = await asAdmin('POST', `/${path}`, { deviceId, name: 'x', expiresAt: time });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'body.expiresAt' }] } });
    }
  },
);

test('a version that a thing can never have is another than it has', async () => {
  const channel = {
    type: 'webhook',
    name: 'Hook',
    target: 'https://example.com/',
    events: ['device.offline'],
  };
  const made = await asAdmin('POST', '/notification-channels', channel);
  const changed = await asAdmin(
    'PATCH',
    `/notification-channels/${made.body.id}`,
    { name: 'Other' },
    { headers: { 'if-match': '"999999999"' } },
  );
  expect(changed).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
});
