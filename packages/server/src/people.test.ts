import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { invitations } from './db/access-schema.ts';
import { user } from './db/auth-schema.ts';
import { commands, ipHistory } from './db/device-work-schema.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TEST_PASSWORD, TestControl } from './testing/test-control.ts';

let control: TestControl;
let admin: Person;

beforeAll(async () => {
  control = await TestControl.start();
});
afterAll(() => control.stop());
beforeEach(async () => {
  await control.db.execute(sql`truncate relays, organization, "user", invitations cascade`);
  admin = await control.person('admin');
});

const asAdmin: TestControl['call'] = (method, path, body, options) =>
  control.call(method, path, body, { token: admin.token, ...options });

describe('users', () => {
  test('are made with a password that is told once, and may log in with it', async () => {
    const made = await asAdmin('POST', '/users', {
      ...{ email: 'Ada@Example.com', name: 'Ada', role: 'operator' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { email: 'ada@example.com', role: 'operator', disabled: false, twoFactorEnabled: false },
    });
    const shown = await asAdmin('GET', `/users/${made.body.id}`);
    const { password, ...rest } = made.body;
    expect(shown.body).toEqual(rest);
    expect(await control.login('ada@example.com', password)).toBeTypeOf('string');
    expect((await asAdmin('GET', '/users')).body.items).toHaveLength(2);
  });

  test('are refused with an address that is taken, a weak password or an organization that cannot be', async () => {
    const values = { email: 'ada@example.com', name: 'Ada', role: 'customer' };
    await asAdmin('POST', '/users', values);
    expect((await asAdmin('POST', '/users', values)).body.code).toBe('email_taken');
    for (const password of ['short', 'password1234', 'b@example.com', 'aaaaaaaaaaaaaaa', '1234567890']) {
      const refused = await asAdmin('POST', '/users', { ...values, email: 'b@example.com', password });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'body.password' }] } });
    }
    for (const extra of [
      { organizationId: 'none' },
      { role: 'admin', organizationId: admin.organizationId },
    ]) {
      const refused = await asAdmin('POST', '/users', { ...values, email: 'b@example.com', ...extra });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'body.organizationId' }] } });
    }
  });

  test('are administered by administrators alone', async () => {
    for (const role of ['operator', 'customer'] as const) {
      const { token } = await control.person(role);
      expect((await control.call('GET', '/users', undefined, { token })).status).toBe(403);
      const body = { role: 'admin' };
      expect((await control.call('PATCH', `/users/${admin.id}`, body, { token })).status).toBe(403);
    }
  });

  test('that are disabled or change their role are logged out, everywhere and at once', async () => {
    const heard: string[] = [];
    const stop = control.bus.subscribe('access.changed', ({ userId }) => heard.push(userId));
    for (const change of [{ disabled: true }, { role: 'operator' }]) {
      const person = await control.person('customer');
      expect((await control.call('GET', '/auth/me', undefined, person)).status).toBe(200);
      expect((await asAdmin('PATCH', `/users/${person.id}`, change)).body).toMatchObject(change);
      expect((await control.call('GET', '/auth/me', undefined, person)).status).toBe(401);
      await expect.poll(() => heard).toContain(person.id);
    }
    stop();
  });

  test('that become staff see everything, and as customers only their own organization', async () => {
    const person = await control.person('operator');
    const relayId = await insertRelay(control.db);
    await insertDevice(control.db, relayId);
    const devices = async () => {
      const token = await control.login(person.email);
      return (await control.call('GET', '/devices', undefined, { token })).body.items.length;
    };
    expect(await devices()).toBe(1);
    const demoted = await asAdmin('PATCH', `/users/${person.id}`, { role: 'customer' });
    expect(demoted.body.organizationId).not.toBe(admin.organizationId);
    expect(await devices()).toBe(0);
    const promoted = await asAdmin('PATCH', `/users/${person.id}`, { role: 'operator' });
    expect(promoted.body.organizationId).toBe(admin.organizationId);
    expect(await devices()).toBe(1);
  });

  test('who have lost their password get a new one and are logged out', async () => {
    const person = await control.person('operator');
    const { body } = await asAdmin('POST', `/users/${person.id}/password`);
    expect((await control.call('GET', '/auth/me', undefined, person)).status).toBe(401);
    expect(await control.login(person.email)).toBeUndefined();
    expect(await control.login(person.email, body.password)).toBeTypeOf('string');
  });

  test('are deleted with everything they log in with', async () => {
    const person = await control.person('operator');
    expect((await asAdmin('DELETE', `/users/${person.id}`)).status).toBe(204);
    expect((await control.call('GET', '/auth/me', undefined, person)).status).toBe(401);
    expect((await asAdmin('GET', `/users/${person.id}`)).status).toBe(404);
  });
});

test('API keys go along with a user who comes to another organization', async () => {
  const person = await control.person('customer');
  const key = await control.call('POST', '/api-keys', { name: 'Own', scopes: ['devices:read'] }, person);
  const { id: organizationId } = (await asAdmin('POST', '/organizations', { name: 'Shop' })).body;
  await asAdmin('PATCH', `/users/${person.id}`, { organizationId });
  const token = await control.login(person.email);
  const { items } = (await control.call('GET', '/api-keys', undefined, { token })).body;
  expect(items).toMatchObject([{ id: key.body.id }]);
});

describe('the last administrator', () => {
  test('can neither be deleted, disabled nor lose the role', async () => {
    const path = `/users/${admin.id}`;
    const refused = [
      await asAdmin('DELETE', path),
      await asAdmin('PATCH', path, { disabled: true }),
      await asAdmin('PATCH', path, { role: 'operator' }),
    ];
    expect(refused.map(({ body }) => body.code)).toEqual(Array(3).fill('last_administrator'));
    expect((await asAdmin('PATCH', path, { name: 'Renamed' })).body.name).toBe('Renamed');
  });

  test('stays also when all administrators remove each other at the same time', async () => {
    const others = [await control.person('admin'), await control.person('admin')];
    const all = [admin, ...others];
    await Promise.all(
      all.map((one, i) =>
        control.call('PATCH', `/users/${all[(i + 1) % 3]!.id}`, { role: 'operator' }, { token: one.token }),
      ),
    );
    const left = await control.db.select().from(user).where(sql`role = 'admin'`);
    expect(left.length).toBeGreaterThanOrEqual(1);
  });

  test('is not somebody who is disabled', async () => {
    const other = await control.person('admin');
    await asAdmin('PATCH', `/users/${other.id}`, { disabled: true });
    expect((await asAdmin('PATCH', `/users/${admin.id}`, { role: 'operator' })).status).toBe(409);
    expect((await asAdmin('DELETE', `/users/${other.id}`)).status).toBe(204);
  });
});

describe('one’s own account', () => {
  test('takes a new password for the old one, and keeps only the session that asked', async () => {
    const person = await control.person('customer');
    const other = await control.login(person.email);
    const change = (currentPassword: string, newPassword: string) =>
      control.call('POST', '/auth/password', { currentPassword, newPassword }, person);
    expect((await change('wrong', 'another long phrase')).body.code).toBe('invalid_credentials');
    expect((await change(TEST_PASSWORD, 'qwertyuiop')).body.errors[0].field).toBe('body.newPassword');
    expect((await change(TEST_PASSWORD, 'another long phrase')).status).toBe(204);
    expect((await control.call('GET', '/auth/me', undefined, person)).status).toBe(200);
    expect((await control.call('GET', '/auth/me', undefined, { token: other })).status).toBe(401);
    expect(await control.login(person.email)).toBeUndefined();
    expect(await control.login(person.email, 'another long phrase')).toBeTypeOf('string');
  });

  test('does not let a stolen session guess the password', async () => {
    const person = await control.person('customer');
    const guess = () =>
      control.call('POST', '/auth/password', { currentPassword: 'x', newPassword: 'y' }, person);
    for (let i = 0; i < 10; i += 1) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
  });

  test('lists its sessions and ends each of them, but nobody else’s', async () => {
    const person = await control.person('customer');
    const second = { token: await control.login(person.email) };
    const { items } = (await control.call('GET', '/auth/sessions', undefined, person)).body;
    expect(items.map((s: { current: boolean }) => s.current).sort()).toEqual([false, true]);
    const other = items.find((s: { current: boolean }) => !s.current);
    expect((await asAdmin('DELETE', `/auth/sessions/${other.id}`)).status).toBe(404);
    expect((await control.call('GET', '/auth/me', undefined, second)).status).toBe(200);
    expect((await control.call('DELETE', `/auth/sessions/${other.id}`, undefined, person)).status).toBe(204);
    expect((await control.call('GET', '/auth/me', undefined, second)).status).toBe(401);
  });

  test('is called as its owner likes, and changes nothing else by that', async () => {
    const person = await control.person('customer');
    const rename = (body: object) => control.call('PATCH', '/auth/me', body, person);
    expect(await rename({ name: 'Ada' })).toMatchObject({
      status: 200,
      body: { name: 'Ada', role: 'customer' },
    });
    expect((await control.call('GET', '/auth/me', undefined, person)).body.name).toBe('Ada');
    expect((await rename({ name: ' ' })).body.errors[0].field).toBe('body.name');
    expect((await rename({ name: 'Ada', role: 'admin' })).status).toBe(400);
    const { items } = (await asAdmin('GET', `/audit-log?targetType=user&targetId=${person.id}`)).body;
    expect(items).toMatchObject([
      { action: 'user.update', before: { name: 'customer' }, after: { name: 'Ada' } },
    ]);
  });

  test('knows who it is and what it may do', async () => {
    const person = await control.person('customer');
    const { body } = await control.call('GET', '/auth/me', undefined, person);
    expect(body).toMatchObject({ id: person.id, role: 'customer', twoFactorEnabled: false });
    expect(body.permissions).toContain('connections:read');
    expect(body.permissions).not.toContain('connections:write');
  });
});

describe('an invitation', () => {
  const invite = (fields: object = {}) =>
    asAdmin('POST', '/invitations', { email: 'new@example.com', role: 'operator', ...fields });
  const accept = (token: string, fields: object = {}) =>
    control.call('POST', '/invitations/accept', { token, password: 'another long phrase', ...fields });

  test('lets somebody make their account, once', async () => {
    const { status, body } = await invite();
    expect(status).toBe(201);
    expect(body.url).toBe(`http://127.0.0.1:8080/invitation#${body.token}`);
    expect(JSON.stringify(await control.db.select().from(invitations))).not.toContain(body.token);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => accept(body.token, { name: 'New' })));
    expect(outcomes.map((o) => o.status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(await control.login('new@example.com', 'another long phrase')).toBeTypeOf('string');
    expect((await asAdmin('GET', '/invitations')).body.items).toMatchObject([{ status: 'accepted' }]);
    expect((await asAdmin('DELETE', `/invitations/${body.id}`)).body.code).toBe('invitation_used');
  });

  test('is worth nothing when it was revoked, has expired or was made up', async () => {
    const revoked = (await invite()).body;
    expect((await asAdmin('DELETE', `/invitations/${revoked.id}`)).status).toBe(204);
    expect((await accept(revoked.token)).status).toBe(404);
    const expired = (await invite()).body;
    await control.db.update(invitations).set({ expiresAt: new Date(0) });
    expect((await accept(expired.token)).body.code).toBe('invitation_expired');
    expect((await accept('made-up')).status).toBe(404);
  });

  test('brings a customer into the organization that it names', async () => {
    const { id } = (await asAdmin('POST', '/organizations', { name: 'Shop' })).body;
    const { body } = await invite({ role: 'customer', organizationId: id });
    expect((await accept(body.token)).body).toMatchObject({ role: 'customer', organizationId: id });
    expect((await asAdmin('GET', `/users?organizationId=${id}`)).body.items).toHaveLength(1);
  });

  test('is refused for an address that has a user, and a weak password leaves it open', async () => {
    expect((await invite({ email: admin.email })).body.code).toBe('email_taken');
    const { body } = await invite();
    expect((await accept(body.token, { password: 'new@example.com' })).status).toBe(400);
    expect((await accept(body.token)).status).toBe(201);
  });
});

describe('organizations', () => {
  test('are made, renamed, and deleted when they own nothing', async () => {
    const made = await asAdmin('POST', '/organizations', { name: 'Shop' });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'Shop', users: 0, devices: 0, isDefault: false },
    });
    const path = `/organizations/${made.body.id}`;
    expect((await asAdmin('PATCH', path, { name: 'Store' })).body.name).toBe('Store');
    const relayId = await insertRelay(control.db);
    const device = await insertDevice(control.db, relayId, { organizationId: made.body.id });
    const connection = await insertConnection(control.db, device);
    const refused = await asAdmin('DELETE', path);
    expect(refused.body).toMatchObject({
      code: 'organization_in_use',
      detail: 'It owns 1 devices, 1 connections',
    });
    // A device that leaves takes nothing of its history to whom it comes to.
    await control.db.insert(commands).values({
      ...{ id: device.id, type: 'reboot', organizationId: made.body.id, deviceId: device.id },
      expiresAt: new Date(),
    });
    await asAdmin('DELETE', `/connections/${connection.id}`);
    await asAdmin('PATCH', `/devices/${device.id}`, { organizationId: admin.organizationId });
    expect((await asAdmin('DELETE', path)).status).toBe(204);
    const history = await control.db.select().from(commands);
    expect(history).toMatchObject([{ organizationId: admin.organizationId }]);
    expect((await asAdmin('GET', path)).status).toBe(404);
  });

  test('of the operator cannot be deleted, and are read by operators', async () => {
    expect((await asAdmin('DELETE', `/organizations/${admin.organizationId}`)).body.code).toBe(
      'organization_in_use',
    );
    const { token } = await control.person('operator');
    expect((await control.call('GET', '/organizations', undefined, { token })).status).toBe(200);
    expect((await control.call('POST', '/organizations', { name: 'x' }, { token })).status).toBe(403);
  });

  test('are deleted with the invitations that nobody can accept any more, and not with others', async () => {
    const { id: organizationId } = (await asAdmin('POST', '/organizations', { name: 'Shop' })).body;
    const invite = async (email: string) =>
      (await asAdmin('POST', '/invitations', { email, role: 'customer', organizationId })).body;
    const { token } = await invite('first@example.com');
    const accepted = { token, password: 'another long phrase' };
    const { body: person } = await control.call('POST', '/invitations/accept', accepted);
    await asAdmin('DELETE', `/users/${person.id}`);
    const open = await invite('second@example.com');
    const refused = await asAdmin('DELETE', `/organizations/${organizationId}`);
    expect(refused.body).toMatchObject({ code: 'organization_in_use', detail: 'It owns 1 invitations' });
    await asAdmin('DELETE', `/invitations/${open.id}`);
    expect((await asAdmin('DELETE', `/organizations/${organizationId}`)).status).toBe(204);
  });

  test('see the addresses that a device had since it is theirs, not those before', async () => {
    const customer = await control.person('customer');
    const { id: deviceId } = await insertDevice(control.db, await insertRelay(control.db));
    await asAdmin('PATCH', `/devices/${deviceId}`, { organizationId: customer.organizationId });
    for (const [organizationId, ip] of [
      [admin.organizationId, '198.51.100.1'],
      [customer.organizationId, '198.51.100.2'],
    ] as const) {
      const fields = { ip, trigger: 'natural', at: new Date() } as const;
      await control.db.insert(ipHistory).values({ id: randomUUID(), organizationId, deviceId, ...fields });
    }
    const seen = async (caller?: Person) => {
      const { body } = await control.call(
        'GET',
        `/devices/${deviceId}/ip-history`,
        undefined,
        caller ?? admin,
      );
      return body.items.map(({ ip }: { ip: string }) => ip);
    };
    expect(await seen(customer)).toEqual(['198.51.100.2']);
    expect(await seen()).toHaveLength(2);
  });

  test('get devices and connections, which their customers then see', async () => {
    const customer = await control.person('customer');
    const device = await insertDevice(control.db, await insertRelay(control.db));
    const seen = async (list: string) =>
      (await control.call('GET', list, undefined, customer)).body.items.length;
    expect(await seen('/devices')).toBe(0);
    const { organizationId } = customer;
    const given = await asAdmin('PATCH', `/devices/${device.id}`, { organizationId });
    expect(given.body.organizationId).toBe(organizationId);
    expect(await seen('/devices')).toBe(1);
    const made = await asAdmin('POST', '/connections', {
      deviceId: device.id,
      organizationId: admin.organizationId,
    });
    expect(await seen('/connections')).toBe(0);
    await asAdmin('PATCH', `/connections/${made.body.id}`, { organizationId });
    expect(await seen('/connections')).toBe(1);
    const nowhere = await asAdmin('PATCH', `/devices/${device.id}`, { organizationId: 'nowhere' });
    expect(nowhere).toMatchObject({ status: 400, body: { errors: [{ field: 'body.organizationId' }] } });
  });
});
