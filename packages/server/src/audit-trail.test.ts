import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { AuditLog, actorOf } from './services/audit.ts';
import { type Person, TEST_PASSWORD, TestControl } from './testing/test-control.ts';

let control: TestControl;
let admin: Person;

beforeAll(async () => {
  control = await TestControl.start();
});
afterAll(() => control.stop());
beforeEach(async () => {
  await control.db.execute(sql`truncate relays, organization, "user", audit_log cascade`);
  admin = await control.person('admin');
  await control.db.execute(sql`truncate audit_log`);
});

const asAdmin: TestControl['call'] = (method, path, body, options) =>
  control.call(method, path, body, { token: admin.token, ...options });
const isSignIn = ({ targetType }: { targetType: string }) => targetType === 'session';
/** Without the sign-ins of the people of the test. */
const log = async (query = '') =>
  (await asAdmin('GET', `/audit-log${query}`)).body.items.filter((entry: never) => !isSignIn(entry));

async function device() {
  return await insertDevice(control.db, await insertRelay(control.db));
}

describe('the audit log', () => {
  test('says who changed what from which address, and only what differs', async () => {
    const { id, organizationId } = await device();
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    await asAdmin('PATCH', `/devices/${id}`, { name: 'Berlin', description: '' }, { headers });
    expect(await log()).toMatchObject([
      {
        ...{ action: 'device.update', targetType: 'device', targetId: id, organizationId },
        ...{ actor: { type: 'user', id: admin.id, name: admin.email }, address: '203.0.113.7' },
      },
    ]);
    const [entry] = await log();
    expect([entry.before, entry.after]).toEqual([{ name: 'Phone' }, { name: 'Berlin' }]);
  });

  test('names the API key that a program used', async () => {
    const key = await asAdmin('POST', '/api-keys', { name: 'Script', scopes: ['devices:write'] });
    const { id } = await device();
    await asAdmin('PATCH', `/devices/${id}`, { name: 'x' }, { token: key.body.key });
    const [entry] = await log('?targetType=device');
    expect(entry.actor).toEqual({
      ...{ type: 'api_key', id: key.body.id, name: `Script (${admin.email})` },
    });
  });

  test('keeps what was deleted, and is newest first, in pages, with filters', async () => {
    const row = await device();
    const connection = await insertConnection(control.db, row);
    await asAdmin('PATCH', `/devices/${row.id}`, { name: 'x' });
    await asAdmin('DELETE', `/connections/${connection.id}`);
    await asAdmin('DELETE', `/devices/${row.id}`);
    const actions = ['device.delete', 'connection.delete', 'device.update'];
    expect((await log()).map((e: { action: string }) => e.action)).toEqual(actions);
    expect((await log(`?targetId=${row.id}&action=device.delete`))[0].before.name).toBe('x');
    const first = (await asAdmin('GET', '/audit-log?limit=2')).body;
    const second = (await asAdmin('GET', `/audit-log?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((e: { action: string }) => e.action)).toEqual(actions);
    expect(await log('?to=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await log(`?actor=${admin.id}&from=2020-01-01T00:00:00Z`)).toHaveLength(3);
  });

  test('never holds a secret', async () => {
    const made = await asAdmin('POST', '/users', { email: 'ada@example.com', name: 'Ada', role: 'operator' });
    await asAdmin('POST', `/users/${made.body.id}/password`, { password: 'a canary for the log' });
    const invited = await asAdmin('POST', '/invitations', { email: 'new@example.com', role: 'operator' });
    const accepted = { token: invited.body.token, password: 'a canary for the log' };
    await asAdmin('POST', '/invitations/accept', accepted);
    const key = await asAdmin('POST', '/api-keys', { name: 'Script', scopes: ['devices:read'] });
    const connection = await asAdmin('POST', '/connections', { deviceId: (await device()).id });
    await asAdmin('POST', `/connections/${connection.body.id}/password`, { password: 'chosen by hand' });
    const newPassword = 'a canary for the log';
    await asAdmin('POST', '/auth/password', { currentPassword: TEST_PASSWORD, newPassword });
    const entries = await log();
    const names = entries.map((e: { action: string }) => e.action).sort();
    expect(names).toEqual([
      ...['api_key.create', 'connection.create', 'connection.password', 'invitation.create'],
      ...['user.create', 'user.create', 'user.password', 'user.password'],
    ]);
    const text = JSON.stringify(entries);
    for (const secret of [
      ...[made.body.password, invited.body.token, key.body.key, connection.body.password],
      ...[TEST_PASSWORD, 'a canary for the log', 'chosen by hand'],
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  test('is not written by calls that were refused', async () => {
    const { id } = await device();
    const { token } = await control.person('customer');
    await control.call('PATCH', `/devices/${id}`, { name: 'x' }, { token });
    await asAdmin('PATCH', `/devices/${id}`, { nonsense: 1 });
    expect(await log()).toEqual([]);
  });

  test('is read by staff alone, and written by the server alone', async () => {
    const { token } = await control.person('customer');
    expect((await control.call('GET', '/audit-log', undefined, { token })).status).toBe(403);
    const operator = await control.person('operator');
    expect((await control.call('GET', '/audit-log', undefined, operator)).status).toBe(200);
    expect((await asAdmin('DELETE', '/audit-log')).status).toBe(404);
  });

  test('shows one organization to a scope of one', async () => {
    const auditLog = new AuditLog(control.db, { now: Date.now } as never);
    const actor = actorOf({ userId: 'u', email: 'e', apiKey: null } as never);
    const entry = {
      actor,
      address: null,
      action: 'x',
      targetType: 't',
      targetId: null,
      before: null,
      after: {},
    };
    await auditLog.record(['a', 'b'].map((organizationId) => ({ ...entry, organizationId })));
    const { items } = await auditLog.list({ organizationId: 'a' }, { limit: 10 });
    expect(items.map((row) => row.organizationId)).toEqual(['a']);
  });
});

test('a route that could change something does not start without a name for it', () => {
  const config = { permission: 'devices:write' } as const;
  expect(() => control.app.post('/forgotten', { config }, async () => 'x')).toThrow();
});
