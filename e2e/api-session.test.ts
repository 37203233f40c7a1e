import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CurlApi } from './clients/curl-api.ts';
import { runCommand } from './harness/run-command.ts';
import { ADMIN } from './harness/test-server.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

/**
 * One session of an operator, in the order of the table in the contract: each call is made once against the running
 * product. Later steps use what earlier ones made, so they are one test file in one order.
 */
const world = useWorld({ server: { env: { POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: 'on' } } });
let directory: string;
let api: CurlApi;
let base: string;
let receiver: Server | undefined;
let receiverPort: number;
const received: { headers: Record<string, unknown>; body: string }[] = [];
/** What `/live` told, from the login on. */
const events: { type: string; data: { id: string; status?: string } }[] = [];
let live: WebSocket;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pp-session-'));
  base = `http://127.0.0.1:${world().server.ports.http}`;
  api = new CurlApi(base, directory);
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver = server;
  receiverPort = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  live?.terminate();
  receiver?.close();
  await rm(directory, { recursive: true, force: true });
});

const deviceId = () => world().agent.deviceId;

test('POST /auth/login, GET /auth/me, POST /auth/refresh', async () => {
  const login = await api.ok('POST', '/auth/login', ADMIN);
  expect(login).toMatchObject({ token: expect.any(String), user: { email: ADMIN.email, role: 'admin' } });
  expect(Date.parse(login.expiresAt)).toBeGreaterThan(Date.now());
  api.token = login.token;
  expect(await api.ok('GET', '/auth/me')).toMatchObject(login.user);
  const refreshed = await api.ok('POST', '/auth/refresh');
  expect(refreshed.user).toEqual(login.user);
  api.token = refreshed.token;
});

test('WS /live', async () => {
  live = new WebSocket(`${base.replace('http', 'ws')}/api/v1/live`, ['pocketproxy.live'], {
    headers: { authorization: `Bearer ${api.token}` },
  });
  live.on('message', (data) => events.push(JSON.parse(String(data))));
  await until('the first event', () => events.some(({ type }) => type === 'live.ready'));
});

test('POST /pairing-codes, GET and DELETE /pairing-codes[/{id}]', async () => {
  const made = await api.ok('POST', '/pairing-codes', { name: 'Spare', expiresInMinutes: 5 });
  expect(made).toMatchObject({ id: expect.any(String), code: expect.any(String) });
  expect(made.pairingUrl).toMatch(/^pocketproxy:\/\/127\.0\.0\.1:\d+\/pair\?code=/);
  expect((await api.ok('GET', '/pairing-codes')).items).toContainEqual(
    expect.objectContaining({ id: made.id }),
  );
  expect(await api.ok('GET', `/pairing-codes/${made.id}`)).toMatchObject({
    status: 'pending',
    name: 'Spare',
  });
  await api.ok('DELETE', `/pairing-codes/${made.id}`);
  expect((await api.call('GET', `/api/v1/pairing-codes/${made.id}`)).status).toBe(404);
});

test('GET /devices, GET and PATCH /devices/{id}', async () => {
  // The phone's first telemetry comes a moment after the phone itself.
  const [device] = await until('the phone to have told its carrier', async () => {
    const { items } = await api.ok('GET', '/devices');
    return items[0]?.carrier ? items : null;
  });
  expect(device).toMatchObject({ id: deviceId(), status: 'online', carrier: expect.any(String) });
  const before = await api.call('GET', `/api/v1/devices/${deviceId()}`);
  const etag = /^etag: (.*)$/m.exec(before.headers)?.[1]?.trim();
  const path = `/api/v1/devices/${deviceId()}`;
  const changed = await api.call('PATCH', path, { name: 'Renamed', autoRotateMinutes: 600 }, [
    `If-Match: ${etag}`,
  ]);
  expect(changed.body).toMatchObject({ name: 'Renamed', nextRotationAt: expect.any(String) });
  const stale = await api.call('PATCH', path, { name: 'Too late' }, [`If-Match: ${etag}`]);
  expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
});

test('POST /devices/{id}/rotate, GET /rotations/{id}, GET /devices/{id}/ip-history', async () => {
  const rotation = await api.ok('POST', `/devices/${deviceId()}/rotate?waitSeconds=60`);
  expect(rotation).toMatchObject({
    status: 'succeeded',
    trigger: 'manual',
    oldIp: '127.0.0.1',
    reason: null,
  });
  expect(rotation.newIp).not.toBe(rotation.oldIp);
  expect(await api.ok('GET', `/rotations/${rotation.id}`)).toEqual(rotation);
  const { items } = await api.ok('GET', `/devices/${deviceId()}/ip-history`);
  expect(items[0]).toMatchObject({ ip: rotation.newIp, previousIp: '127.0.0.1', rotationId: rotation.id });
  expect((await api.ok('GET', `/devices/${deviceId()}`)).exitIp).toBe(rotation.newIp);
});

test('POST and GET /devices/{id}/commands, GET /commands/{id}', async () => {
  const path = `/devices/${deviceId()}/commands`;
  const made = await api.ok('POST', path, { type: 'find_phone', params: { seconds: 1 } });
  const ended = await api.ok('GET', `/commands/${made.id}?waitSeconds=20`);
  expect(ended).toMatchObject({ status: 'succeeded', output: expect.stringContaining('rang') });
  expect((await api.ok('GET', path)).items).toMatchObject([{ id: made.id }]);
  const refused = await api.call('POST', `/api/v1${path}`, { type: 'update_agent' });
  expect([refused.status, refused.body.code]).toEqual([409, 'unsupported_command']);
  const unknown = await api.call('POST', `/api/v1${path}`, { type: 'explode' });
  expect([unknown.status, unknown.body.errors[0].field]).toEqual([400, 'body.type']);
});

let connectionId: string;

test('POST, GET, PATCH /connections and traffic through it', async () => {
  const made = await api.ok('POST', '/connections', { deviceId: deviceId(), name: 'Customer', maxFlows: 20 });
  expect(made).toMatchObject({ protocols: ['http', 'socks5'], status: 'active', maxFlows: 20 });
  connectionId = made.id;
  const proxy = `http://${made.username}:${made.password}@${made.host}:${made.port}`;
  const page = await runCommand([
    'curl',
    '-sS',
    '-x',
    proxy,
    world().origin.url('/bytes/100000'),
    '-o',
    '/dev/null',
    '-w',
    '%{size_download}',
  ]);
  expect(page).toBe('100000');
  expect((await api.ok('GET', '/connections')).items).toContainEqual(
    expect.objectContaining({ id: connectionId }),
  );
  const path = `/connections/${connectionId}`;
  expect(await api.ok('GET', path)).not.toHaveProperty('password');
  const changed = await api.ok('PATCH', path, {
    quotaBytes: 10_000_000,
    speedLimitMbps: 50,
    allowlist: ['203.0.113.0/24'],
  });
  expect(changed).toMatchObject({
    quotaBytes: 10_000_000,
    speedLimitMbps: 50,
    allowlist: ['203.0.113.0/24'],
  });
  await until('the bytes to be counted', async () => (await api.ok('GET', path)).usedBytes > 1000);
});

test('POST /connections/{id}/password and /reset-usage, GET /connections/{id}/bandwidth', async () => {
  const path = `/connections/${connectionId}`;
  const chosen = await api.ok('POST', `${path}/password`, { password: 'chosen-by-hand' });
  expect(chosen.password).toBe('chosen-by-hand');
  const { port } = await api.ok('GET', path);
  const proxy = `socks5h://${chosen.username}:chosen-by-hand@127.0.0.1:${port}`;
  const answer = await runCommand(['curl', '-sS', '-x', proxy, 'http://ip.pocketproxy.internal/']);
  expect(JSON.parse(answer)).toMatchObject({ device: 'Renamed', connection: 'Customer' });
  expect((await api.ok('POST', `${path}/reset-usage`)).usedBytes).toBe(0);
  for (const granularity of ['hour', 'day', 'month']) {
    const { items } = await api.ok('GET', `${path}/bandwidth?granularity=${granularity}`);
    // More than one when an hour has just ended.
    expect(items[0]).toMatchObject({ start: expect.any(String), bytesDown: expect.any(Number) });
  }
  const csv = await api.call('GET', `/api/v1${path}/bandwidth`, undefined, ['Accept: text/csv']);
  expect(csv.headers).toContain('content-type: text/csv');
});

test('GET /devices/{id}/bandwidth, /uptime, /metrics', async () => {
  const path = `/devices/${deviceId()}`;
  expect((await api.ok('GET', `${path}/bandwidth?granularity=day`)).items[0].bytesDown).toBeGreaterThan(1000);
  const uptime = await api.ok('GET', `${path}/uptime`);
  expect(uptime.items.at(-1)).toMatchObject({ status: 'online' });
  expect((await api.ok('GET', `${path}/metrics`)).items[0]).toMatchObject({
    batteryPercent: expect.any(Number),
  });
});

test('POST, GET, DELETE /rotation-links, GET and POST /r/{token}', async () => {
  const made = await api.ok('POST', '/rotation-links', {
    deviceId: deviceId(),
    name: 'Customer',
    minIntervalSeconds: 1,
  });
  const path = new URL(made.url).pathname;
  const { token } = api;
  // Whoever has the link has no account.
  api.token = null;
  const used = await api.call('GET', `${path}?waitSeconds=60`);
  expect(used).toMatchObject({ status: 200, body: { status: 'succeeded', newIp: expect.any(String) } });
  expect((await api.call('HEAD', path)).status).toBe(204);
  expect((await api.call('POST', `${path}?waitSeconds=60`)).body.newIp).not.toBe(used.body.newIp);
  api.token = token;
  expect((await api.ok('GET', '/rotation-links')).items).toMatchObject([
    { id: made.id, url: expect.stringMatching(/\.\.\.$/) },
  ]);
  await api.ok('DELETE', `/rotation-links/${made.id}`);
  expect((await api.call('GET', path)).status).toBe(404);
});

test('POST, GET, PATCH, DELETE /notification-channels, POST .../test', async () => {
  const target = `http://127.0.0.1:${receiverPort}/hook`;
  const made = await api.ok('POST', '/notification-channels', {
    ...{ type: 'webhook', name: 'Pager', target, events: ['device.offline'] },
  });
  expect(made.secret).toBeTruthy();
  const path = `/notification-channels/${made.id}`;
  expect(await api.ok('POST', `${path}/test`)).toMatchObject({ delivered: true, error: null });
  expect(received[0]?.headers).toMatchObject({ 'webhook-signature': expect.stringMatching(/^v1,/) });
  expect(await api.ok('PATCH', path, { enabled: false })).toMatchObject({ enabled: false });
  expect((await api.ok('GET', '/notification-channels')).items[0]).not.toHaveProperty('secret');
  await api.ok('DELETE', path);
  expect((await api.ok('GET', '/notification-channels')).items).toEqual([]);
});

test('GET /stats/overview, /openapi.json, /docs', async () => {
  expect(await api.ok('GET', '/stats/overview')).toMatchObject({
    ...{ devices: { total: 1, online: 1 }, connections: { total: 2, enabled: 2 } },
    today: { bytesDown: expect.any(Number) },
  });
  expect((await api.ok('GET', '/openapi.json')).openapi).toBe('3.1.0');
  expect((await api.call('GET', '/api/v1/docs/')).headers).toContain('content-type: text/html');
});

test('GET /healthz, /readyz, /metrics', async () => {
  expect((await api.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
  expect((await api.call('GET', '/readyz')).body).toMatchObject({ status: 'ready', checks: { relay: 'ok' } });
  const metrics = (await api.call('GET', '/metrics')).body as string;
  expect(metrics).toMatch(/^pocketproxy_devices\{status="online"\} 1$/m);
  expect(metrics).toMatch(/^pocketproxy_rotations_total\{status="succeeded",reason=""\} 3$/m);
});

test('WS /live has told it all', async () => {
  for (const expected of [
    'device.status',
    'device.telemetry',
    'rotation.updated',
    'command.updated',
    'connection.usage',
  ]) {
    // Telemetry comes every half a minute.
    await until(`${expected} to be told`, () => events.some(({ type }) => type === expected), 40_000);
  }
  const ended = events.filter(({ type, data }) => type === 'rotation.updated' && data.status === 'succeeded');
  expect(new Set(ended.map(({ data }) => data.id)).size).toBe(3);
});

test('DELETE /connections/{id} and /devices/{id}, POST /auth/logout', async () => {
  await api.ok('DELETE', `/connections/${connectionId}`);
  expect((await api.call('GET', `/api/v1/connections/${connectionId}`)).status).toBe(404);
  await api.ok('DELETE', `/devices/${deviceId()}`);
  expect((await api.ok('GET', '/devices')).items).toEqual([]);
  expect((await api.ok('GET', '/connections')).items).toEqual([]);
  await api.ok('POST', '/auth/logout');
  const after = await api.call('GET', '/api/v1/auth/me');
  expect([after.status, after.body.code]).toEqual([401, 'unauthenticated']);
  expect((await api.call('POST', '/api/v1/auth/refresh')).status).toBe(401);
});
