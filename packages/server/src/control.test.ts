import { randomBytes, randomUUID } from 'node:crypto';
import { createLogger, RealClock } from '@pocketproxy/runtime';
import { sql } from 'drizzle-orm';
import type { InjectOptions } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Api } from './api/api.ts';
import { createControl } from './control.ts';
import { PostgresBus } from './db/bus.ts';
import { PostgresRelayStore } from './db/relay-store.ts';
import { connections, devices, idempotencyKeys, pairingCodes } from './db/schema.ts';
import { startTestDatabase, type TestDatabase } from './db/test-database.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { PostgresUsageStore } from './db/usage-store.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { ConcurrencyGate } from './services/concurrency-gate.ts';
import { ProxyCredentials } from './services/credentials.ts';
import { PasswordHash } from './services/password-hash.ts';
import { ServerKey } from './services/server-key.ts';
import { Users } from './services/users.ts';

const password = 'correct horse battery';
const clock = new RealClock();
/** Everything that was logged, at the most talkative level. */
const logged: string[] = [];
const log = createLogger({
  level: 'trace',
  destination: { write: (line: string) => void logged.push(line) },
});
const gate = new ConcurrencyGate(2, 64);
const hash = new PasswordHash({ pepper: randomBytes(32), cost: 4, gate });
const credentials = new ProxyCredentials({ key: randomBytes(32), slowHash: hash, clock });

let server: TestDatabase;
let bus: PostgresBus;
let app: Api;
let users: Users;
/** Ports that the fake relay cannot open. */
const occupied = new Set<number>();

beforeAll(async () => {
  server = await startTestDatabase();
  const { database } = server;
  bus = new PostgresBus(database.address, log);
  await bus.start();
  users = new Users(database.db, hash);
  ({ app } = await createControl({
    config: {
      httpListen: { host: '127.0.0.1', port: 0 },
      publicUrl: 'http://127.0.0.1:8080',
      publicHost: '127.0.0.1',
      ...{ smtpUrl: null, mailFrom: null, webhookAllowPrivate: false },
    },
    ...{ log, clock, database, bus, credentials, loginHash: hash, checks: {} },
    metrics: new ServerMetrics('test'),
    serverKey: new ServerKey(randomBytes(32)),
  }));
  bus.subscribe('connection.changed', ({ id }) => void answerAsRelay(id));
});
afterAll(async () => {
  await app.close();
  await bus.stop();
  await server.stop();
});

/** What a relay does: takes the row over and says so. */
async function answerAsRelay(id: string): Promise<void> {
  const { db } = server.database;
  const [row] = await db.select().from(connections).where(sql`id = ${id}`);
  const problem = row && occupied.has(row.port) ? 'EADDRINUSE' : null;
  await bus.publish({ type: 'connection.applied', id, version: row?.version ?? 0, problem });
}

let token: string;
let relayId: string;
/** Each test has ports of its own: the application remembers for a while which ones are occupied. */
let firstPort = 30_000;
let deviceId: string;

beforeEach(async () => {
  firstPort += 10;
  const { db } = server.database;
  await db.execute(sql`truncate relays, organization, usage_hourly, "user", idempotency_keys cascade`);
  relayId = await insertRelay(db, { firstPort, lastPort: firstPort + 3 });
  deviceId = (await insertDevice(db, relayId)).id;
  token = await tokenOf('operator');
});
afterEach(() => occupied.clear());

async function tokenOf(role: 'admin' | 'operator' | 'customer'): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  await users.add({ email, name: 'Test', role, password });
  const answer = await call('POST', '/auth/login', { email, password });
  return answer.body.token;
}

async function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  more: { token?: string | null; headers?: Record<string, string> } = {},
) {
  const bearer = more.token === undefined ? token : more.token;
  const options: InjectOptions = { method, url: `/api/v1${path}`, headers: { ...more.headers } };
  if (bearer) Object.assign(options.headers!, { authorization: `Bearer ${bearer}` });
  if (body) options.payload = body;
  const answer = await app.inject(options);
  const parsed = answer.body === '' ? undefined : JSON.parse(answer.body);
  return { status: answer.statusCode, headers: answer.headers, body: parsed };
}

describe('connections', () => {
  test('are created with a password that no later answer repeats', async () => {
    const made = await call('POST', '/connections', { deviceId, name: 'Shop' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{
          deviceId,
          name: 'Shop',
          host: 'relay.example',
          port: firstPort,
          status: 'active',
          enabled: true,
        },
        ...{ protocols: ['http', 'socks5'], allowlist: [], quotaBytes: null, usedBytes: 0 },
        password: expect.stringMatching(/^[0-9a-z]{26}$/),
      },
    });
    const shown = await call('GET', `/connections/${made.body.id}`);
    const { password: _, ovpn: __, ...rest } = made.body;
    expect(shown.body).toEqual(rest);
    expect(JSON.stringify(await call('GET', '/connections'))).not.toContain(made.body.password);
    const [row] = await server.database.db.select().from(connections);
    expect(JSON.stringify(row)).not.toContain(made.body.password);
  });

  test('get a port each, also when they are created at the same time, until there are none', async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, () => call('POST', '/connections', { deviceId })),
    );
    const ports = made.filter((m) => m.status === 201).map((m) => m.body.port);
    expect(ports.sort()).toEqual([0, 1, 2, 3].map((i) => firstPort + i));
    const refused = made.filter((m) => m.status !== 201);
    expect(refused.map((m) => m.body.code)).toEqual(['ports_exhausted', 'ports_exhausted']);
  });

  test('avoid ports that another program holds', async () => {
    occupied.add(firstPort).add(firstPort + 1);
    expect(await call('POST', '/connections', { deviceId })).toMatchObject({
      status: 201,
      body: { port: firstPort + 2 },
    });
  });

  test('are not created when no port can be opened', async () => {
    for (const i of [0, 1, 2, 3]) occupied.add(firstPort + i);
    const refused = await call('POST', '/connections', { deviceId });
    expect(refused).toMatchObject({ status: 503, body: { code: 'port_unavailable' } });
    expect(await server.database.db.select().from(connections)).toEqual([]);
  });

  test('keep what was not changed, and grow their version so that relays notice', async () => {
    const { body } = await call('POST', '/connections', { deviceId, quotaBytes: 1000, maxFlows: 5 });
    const expiresAt = '2030-01-01T00:00:00.000Z';
    const changed = await call('PATCH', `/connections/${body.id}`, {
      ...{ enabled: false, expiresAt, allowlist: ['198.51.100.9/24'] },
    });
    expect(changed.body).toMatchObject({
      ...{ status: 'disabled', expiresAt, allowlist: ['198.51.100.0/24'], quotaBytes: 1000, maxFlows: 5 },
    });
    const [row] = await server.database.db.select().from(connections);
    expect(row?.version).toBe(2);
  });

  test('say that their quota is spent or that they have expired', async () => {
    const device = await insertDevice(server.database.db, relayId);
    const spent = await insertConnection(server.database.db, device, { quotaBytes: 10, usedBytes: 10 });
    const expired = await insertConnection(server.database.db, device, { expiresAt: new Date(0) });
    expect((await call('GET', `/connections/${spent.id}`)).body.status).toBe('quota_exceeded');
    expect((await call('GET', `/connections/${expired.id}`)).body.status).toBe('expired');
    const reset = await call('POST', `/connections/${spent.id}/reset-usage`);
    expect(reset.body).toMatchObject({ status: 'active', usedBytes: 0 });
  });

  test('take a chosen password, or make up a new one', async () => {
    const { body } = await call('POST', '/connections', { deviceId, password: 'chosen by hand' });
    expect(body.password).toBe('chosen by hand');
    const [row] = await server.database.db.select().from(connections);
    expect(row?.credentialScheme).toBe('bcrypt');
    const made = await call('POST', `/connections/${body.id}/password`);
    expect(made.body).toEqual({
      ovpn: null,
      username: body.username,
      password: expect.stringMatching(/^.{26}$/),
    });
    const [after] = await server.database.db.select().from(connections);
    const stored = { scheme: after!.credentialScheme, hash: after!.credentialHash };
    expect(credentials.verify(stored, made.body.password)).toBe(true);
  });

  test('have a client file for OpenVPN, with the password in the answers that made it', async () => {
    const relay = new PostgresRelayStore(server.database.db);
    await relay.reportVpn(relayId, { state: 'off', reason: 'openvpn: not found' }, 'CERTIFICATE');
    const { body } = await call('POST', '/connections', { deviceId, name: 'A "b"' });
    expect(body).toMatchObject({ protocols: ['http', 'socks5'], ovpn: null });
    const off = await call('GET', `/connections/${body.id}/ovpn`);
    expect(off).toMatchObject({
      status: 409,
      body: { code: 'vpn_unavailable', detail: 'OpenVPN is off: openvpn: not found' },
    });

    await relay.reportVpn(relayId, { state: 'on', port: 1195 }, 'CERTIFICATE');
    const changed = await call('POST', `/connections/${body.id}/password`);
    expect(changed.body.ovpn).toContain(`${body.username}\n${changed.body.password}\n</auth-user-pass>`);
    const file = await app.inject({
      url: `/api/v1/connections/${body.id}/ovpn`,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(file.headers).toMatchObject({
      'content-type': 'application/x-openvpn-profile',
      'content-disposition': 'attachment; filename="pocketproxy-a-b.ovpn"',
    });
    expect(file.body).toMatch(/\nremote \S+ 1195\n/);
    expect(file.body).not.toContain(changed.body.password);
    expect((await call('GET', `/connections/${body.id}`)).body.protocols).toContain('openvpn');
  });

  test('have user names that are taken once', async () => {
    await call('POST', '/connections', { deviceId, username: 'shop' });
    const refused = await call('POST', '/connections', { deviceId, username: 'shop' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'username_taken' } });
  });

  test('give their port back when they are deleted; what they used stays', async () => {
    const { body } = await call('POST', '/connections', { deviceId });
    const usage = new PostgresUsageStore(server.database.db);
    const delta = { connectionId: body.id, deviceId, organizationId: 'test-organization' };
    const counted = { bytesUp: 1, bytesDown: 2, countedUp: 1, countedDown: 2, quotaBytes: 3 };
    await usage.add([{ ...delta, ...counted, quotaPeriodStart: new Date(), openFlows: 0 }], new Date());
    const query = '/bandwidth?granularity=day';
    expect((await call('GET', `/connections/${body.id}${query}`)).body.items).toMatchObject([
      { bytesUp: 1, bytesDown: 2 },
    ]);
    expect((await call('DELETE', `/connections/${body.id}`)).status).toBe(204);
    expect((await call('GET', `/connections/${body.id}`)).status).toBe(404);
    expect((await call('GET', `/devices/${deviceId}${query}`)).body.items).toHaveLength(1);
    expect((await call('POST', '/connections', { deviceId })).body.port).toBe(body.port);
  });

  test('are listed in pages', async () => {
    for (let i = 0; i < 3; i += 1) await call('POST', '/connections', { deviceId, name: `c${i}` });
    const first = await call('GET', `/connections?limit=2&deviceId=${deviceId}`);
    expect(first.body.items.map((c: { name: string }) => c.name)).toEqual(['c0', 'c1']);
    const second = await call('GET', `/connections?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ name: 'c2' }], nextCursor: null });
  });
});

describe('pairing codes', () => {
  test('come with a URL for the phone, and are stored as a hash only', async () => {
    const made = await call('POST', '/pairing-codes', { name: 'Berlin 1' });
    expect(made.status).toBe(201);
    expect(made.body.code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
    const expected = `pocketproxy://relay.example:7443/pair?code=${made.body.code}&ca=`;
    expect(made.body.pairingUrl.startsWith(expected)).toBe(true);
    const minutes = (Date.parse(made.body.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(10);
    const rows = await server.database.db.select().from(pairingCodes);
    expect(JSON.stringify(rows)).not.toContain(made.body.code);
    const shown = await call('GET', `/pairing-codes/${made.body.id}`);
    expect(shown.body).toMatchObject({ name: 'Berlin 1', status: 'pending', deviceId: null });
    expect(shown.body).not.toHaveProperty('code');
  });

  test('for a device that exists lead to its own relay', async () => {
    const other = await insertRelay(server.database.db, { publicHost: 'other.example' });
    const device = await insertDevice(server.database.db, other);
    const made = await call('POST', '/pairing-codes', { deviceId: device.id });
    expect(made.body.pairingUrl).toContain('other.example');
    const unknown = await call('POST', '/pairing-codes', { deviceId: randomUUID() });
    expect(unknown.body.errors).toEqual([{ field: 'body.deviceId', message: 'There is no such device' }]);
  });

  test('cannot be made while no relay lives, and say so', async () => {
    await server.database.db.execute(sql`update relays set heartbeat_at = now() - interval '1 minute'`);
    expect(await call('POST', '/pairing-codes')).toMatchObject({ status: 503, body: { code: 'no_relay' } });
  });

  test('can be taken back until they are used', async () => {
    const [one, two] = [
      (await call('POST', '/pairing-codes')).body,
      (await call('POST', '/pairing-codes')).body,
    ];
    await server.database.db.execute(sql`update pairing_codes set used_at = now() where id = ${two.id}`);
    expect((await call('DELETE', `/pairing-codes/${one.id}`)).status).toBe(204);
    expect((await call('DELETE', `/pairing-codes/${two.id}`)).body.code).toBe('pairing_code_used');
  });
});

describe('devices', () => {
  test('are shown with their state', async () => {
    const online = await insertDevice(server.database.db, relayId, {
      ...{ name: 'Online', connectedRelayId: relayId, lastSeenAt: new Date(), exitIp: '198.51.100.7' },
    });
    expect((await call('GET', `/devices/${online.id}`)).body).toMatchObject({
      ...{ name: 'Online', status: 'online', exitIp: '198.51.100.7', capabilities: [] },
    });
    expect((await call('GET', `/devices/${deviceId}`)).body.status).toBe('offline');
    await insertDevice(server.database.db, relayId, { lastSeenAt: new Date(Date.now() - 60_000) });
    expect((await call('GET', '/stats/overview')).body).toMatchObject({
      devices: { total: 3, online: 1, reconnecting: 1, offline: 1 },
    });
  });

  test('are counted with their connections and the traffic of today', async () => {
    await call('POST', '/connections', { deviceId });
    await call('POST', '/connections', { deviceId });
    const other = await insertDevice(server.database.db, relayId);
    const { organizationId } = (await call('GET', `/devices/${other.id}`)).body;
    await server.database.db.execute(sql`
      insert into usage_daily (connection_id, device_id, organization_id, day, bytes_up, bytes_down)
      values (${randomUUID()}, ${other.id}, ${organizationId}, (now() at time zone 'utc')::date, 7, 90)`);
    const { items } = (await call('GET', '/stats/devices')).body;
    expect(items).toContainEqual({ deviceId, connections: 2, bytesUpToday: 0, bytesDownToday: 0 });
    expect(items).toContainEqual({
      ...{ deviceId: other.id, connections: 0 },
      ...{ bytesUpToday: 7, bytesDownToday: 90 },
    });
  });

  test('whose private destinations are opened have their connections reloaded by relays', async () => {
    const { body } = await call('POST', '/connections', { deviceId });
    const reloaded = new Promise<string>((resolve) => {
      bus.subscribe('connection.changed', ({ id }) => resolve(id));
    });
    const changed = await call('PATCH', `/devices/${deviceId}`, { allowPrivateDestinations: true });
    expect(changed.body.allowPrivateDestinations).toBe(true);
    expect(await reloaded).toBe(body.id);
  });

  test('that are deleted take their connections along and have their sessions ended', async () => {
    await call('POST', '/connections', { deviceId });
    const revoked = new Promise<string>((resolve) => {
      bus.subscribe('device.revoked', ({ id }) => resolve(id));
    });
    expect((await call('DELETE', `/devices/${deviceId}`)).status).toBe(204);
    expect(await revoked).toBe(deviceId);
    expect(await server.database.db.select().from(connections)).toEqual([]);
    expect(await server.database.db.select().from(devices)).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'a-key-of-the-client' };

  test('makes a repeated request answer the same and create nothing', async () => {
    const first = await call('POST', '/connections', { deviceId }, { headers });
    const again = await call('POST', '/connections', { deviceId }, { headers });
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await server.database.db.select().from(connections)).toHaveLength(1);
    const stored = await server.database.db.select().from(idempotencyKeys);
    expect(JSON.stringify(stored)).not.toContain(first.body.password);
  });

  test('lets one of many requests at the same time create', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', '/connections', { deviceId }, { headers })),
    );
    expect(await server.database.db.select().from(connections)).toHaveLength(1);
    const others = all.filter((a) => a.status !== 201).map((a) => a.body.code);
    expect(new Set(others)).toEqual(new Set(['idempotency_in_progress']));
  });

  test('does not answer another request, nor another user', async () => {
    await call('POST', '/connections', { deviceId }, { headers });
    const other = await call('POST', '/connections', { deviceId, name: 'Other' }, { headers });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const stranger = await call(
      'POST',
      '/connections',
      { deviceId },
      { headers, token: await tokenOf('admin') },
    );
    expect(stranger.headers['idempotent-replayed']).toBeUndefined();
  });

  test('of a failed request can be used again', async () => {
    const bad = await call('POST', '/connections', { deviceId: randomUUID() }, { headers });
    expect(bad.status).toBe(400);
    expect((await call('POST', '/connections', { deviceId }, { headers })).status).toBe(201);
  });
});

describe('refusals', () => {
  test('are problems that name every wrong field', async () => {
    const refused = await call('POST', '/connections', { deviceId: 'x', maxFlows: 0, maxflows: 1 });
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused).toMatchObject({
      status: 400,
      body: { type: 'urn:pocketproxy:error:validation_failed', status: 400, code: 'validation_failed' },
    });
    const fields = refused.body.errors.map((e: { field: string }) => e.field);
    expect(fields.sort()).toEqual(['body.deviceId', 'body.maxFlows', 'body.maxflows']);
    expect(refused.body.detail).toContain('body.maxflows: There is no such field');
  });

  test('of unknown paths, methods, bodies and cursors are problems too', async () => {
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await call('GET', '/connections?cursor=x')).body.errors[0].field).toBe('querystring.cursor');
    expect((await call('GET', '/devices/not-an-id')).status).toBe(400);
    const raw = { method: 'POST', url: '/api/v1/auth/login' } as const;
    const json = { 'content-type': 'application/json' };
    const broken = await app.inject({ ...raw, headers: json, payload: '{' });
    expect(broken.json()).toMatchObject({ status: 400, code: 'malformed_request' });
    const xml = await app.inject({ ...raw, headers: { 'content-type': 'text/xml' }, payload: '<a/>' });
    expect(xml.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    const large = await app.inject({
      ...raw,
      headers: json,
      payload: JSON.stringify({ a: 'x'.repeat(300_000) }),
    });
    expect(large.json()).toMatchObject({ status: 413, code: 'payload_too_large' });
  });

  test('meet whoever has no token, or one that has ended', async () => {
    const anonymous = await call('GET', '/devices', undefined, { token: null });
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(anonymous.headers['www-authenticate']).toBe('Bearer');
    expect((await call('GET', '/auth/me')).body).toMatchObject({ name: 'Test', role: 'operator' });
    expect((await call('POST', '/auth/logout')).status).toBe(204);
    expect((await call('GET', '/auth/me')).status).toBe(401);
  });

  test('meet a customer who asks for what belongs to others', async () => {
    const customer = { token: await tokenOf('customer') };
    const { body } = await call('POST', '/connections', { deviceId });
    expect((await call('GET', `/connections/${body.id}`, undefined, customer)).status).toBe(404);
    expect((await call('GET', `/devices/${deviceId}`, undefined, customer)).status).toBe(404);
    expect((await call('GET', '/devices', undefined, customer)).body.items).toEqual([]);
    const refused = await call('POST', '/connections', { deviceId }, customer);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await call('DELETE', `/devices/${deviceId}`, undefined, customer)).status).toBe(403);
  });

  test('block an address and user after ten failed logins, and nobody else', async () => {
    const email = `${randomUUID()}@example.com`;
    await users.add({ email, name: 'Victim', role: 'operator', password });
    const login = (pass: string, address: string) =>
      call('POST', '/auth/login', { email, password: pass }, { headers: { 'x-forwarded-for': address } });
    for (let i = 0; i < 10; i += 1) expect((await login('wrong', '203.0.113.9')).status).toBe(401);
    const blocked = await login(password, '203.0.113.9');
    expect(blocked).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(blocked.headers['retry-after']).toBe('60');
    expect((await login(password, '203.0.113.10')).status).toBe(200);
  });
});

describe('the application', () => {
  test('does not start with a route that declares no permission', () => {
    expect(() => app.get('/forgotten', async () => 'x')).toThrow();
  });

  test('describes itself as OpenAPI 3.1', async () => {
    const { body } = await call('GET', '/openapi.json', undefined, { token: null });
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/api/v1/connections/{id}');
    expect(body.paths['/api/v1/connections'].post.requestBody).toBeDefined();
  });

  test('is healthy always and ready only with its database', async () => {
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      checks: { database: 'ok' },
      reasons: {},
    });
  });
});

test('no secret was ever logged', async () => {
  const { body } = await call('POST', '/connections', { deviceId });
  const code = await call('POST', '/pairing-codes');
  await call('POST', '/auth/login', { email: 'nobody@example.com', password: 'a wrong password' });
  const secrets = [password, token, body.password, code.body.code, 'a wrong password', 'chosen by hand'];
  expect(logged.length).toBeGreaterThan(100);
  for (const secret of secrets) expect(logged.join('')).not.toContain(secret);
});
