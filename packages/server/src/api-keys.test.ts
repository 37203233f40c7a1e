import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiKeys } from './db/access-schema.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let operator: Person;

beforeAll(async () => {
  control = await TestControl.start();
});
afterAll(() => control.stop());
beforeEach(async () => {
  operator = await control.person('operator');
});

const make = (scopes: string[], person = operator, more: object = {}) =>
  control.call('POST', '/api-keys', { name: 'Script', scopes, ...more }, person);
const using = (key: string) => (path: string) => control.call('GET', path, undefined, { token: key });

describe('an API key', () => {
  test('is told once, stored as a hash, and works where a token does', async () => {
    const made = await make(['connections:read']);
    expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^pp_[0-9a-z]{52}$/) } });
    const { key, ...rest } = made.body;
    expect(key.startsWith(rest.hint)).toBe(true);
    const shown = await control.call('GET', `/api-keys/${rest.id}`, undefined, operator);
    expect(shown.body).toEqual(rest);
    expect(JSON.stringify(await control.db.select().from(apiKeys))).not.toContain(key);
    expect((await using(key)('/connections')).status).toBe(200);
    expect(control.logged.join('')).not.toContain(key);
  });

  test('does what its scopes say and nothing else: no sessions, and no further keys', async () => {
    const { key } = (await make(['connections:read', 'api-keys:read'])).body;
    expect((await using(key)('/devices')).status).toBe(403);
    expect((await using(key)('/auth/me')).status).toBe(403);
    expect((await using(key)('/api-keys')).status).toBe(200);
    const further = await make(['connections:read'], { ...operator, token: key });
    expect(further.status).toBe(403);
  });

  test.each([['users:read'], ['api-keys:write'], ['session'], ['nonsense']])(
    'is not given %s by somebody who cannot give it',
    async (scope) => {
      const refused = await make(['connections:read', scope]);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'body.scopes' }] } });
    },
  );

  test('never does more than its user may now', async () => {
    const person = await control.person('admin');
    await control.person('admin');
    const { key } = (await make(['users:read', 'connections:read', 'devices:write'], person)).body;
    expect((await using(key)('/users')).status).toBe(200);
    await control.users.update(person.id, { role: 'customer' });
    await expect.poll(async () => (await using(key)('/users')).status).toBe(403);
    expect((await using(key)('/connections')).status).toBe(200);
    const path = `/devices/${randomUUID()}`;
    expect((await control.call('PATCH', path, { name: 'x' }, { token: key })).status).toBe(403);
  });

  test('dies with its user’s account, and when it is revoked or has expired', async () => {
    const person = await control.person('operator');
    const [first, second] = [
      (await make(['devices:read'], person)).body,
      (await make(['devices:read'])).body,
    ];
    expect((await using(first.key)('/devices')).status).toBe(200);
    await control.users.update(person.id, { disabled: true });
    await expect.poll(async () => (await using(first.key)('/devices')).status).toBe(401);
    expect((await using(second.key)('/devices')).status).toBe(200);
    await control.call('DELETE', `/api-keys/${second.id}`, undefined, operator);
    expect((await using(second.key)('/devices')).status).toBe(401);
    const third = (await make(['devices:read'])).body;
    await control.db.update(apiKeys).set({ expiresAt: new Date(0) });
    expect((await using(third.key)('/devices')).status).toBe(401);
    expect((await using(`pp_${'0'.repeat(52)}`)('/devices')).status).toBe(401);
    const past = await make(['devices:read'], operator, { expiresAt: '2020-01-01T00:00:00Z' });
    expect(past.body.errors[0].field).toBe('body.expiresAt');
  });

  test('says when it was last used, written at most once a minute', async () => {
    const { key, id } = (await make(['devices:read'])).body;
    const lastUsed = async () =>
      (await control.call('GET', `/api-keys/${id}`, undefined, operator)).body.lastUsedAt;
    expect(await lastUsed()).toBeNull();
    await using(key)('/devices');
    const first = await lastUsed();
    expect(Date.now() - Date.parse(first)).toBeLessThan(60_000);
    // As if nothing were remembered any more.
    await control.users.update(operator.id, { name: 'Other' });
    await using(key)('/devices');
    expect(await lastUsed()).toBe(first);
    await control.db.execute(sql`update api_keys set last_used_at = last_used_at - interval '2 minutes'`);
    await control.call('PATCH', `/users/${operator.id}`, { name: 'x' }, await control.person('admin'));
    await using(key)('/devices');
    expect(Date.parse(await lastUsed())).toBeGreaterThanOrEqual(Date.parse(first));
  });

  test('is seen and revoked by its user and by administrators, not by others', async () => {
    const { id } = (await make(['devices:read'])).body;
    const [admin, colleague, customer] = [
      await control.person('admin'),
      await control.person('operator'),
      await control.person('customer'),
    ];
    const ids = async (person: Person) =>
      (await control.call('GET', '/api-keys', undefined, person)).body.items.map((k: { id: string }) => k.id);
    expect(await ids(operator)).toEqual([id]);
    expect(await ids(admin)).toContain(id);
    for (const person of [colleague, customer]) {
      expect(await ids(person)).toEqual([]);
      expect((await control.call('DELETE', `/api-keys/${id}`, undefined, person)).status).toBe(404);
    }
    expect((await control.call('DELETE', `/api-keys/${id}`, undefined, admin)).status).toBe(204);
  });
});
