import { randomUUID } from 'node:crypto';
import { silentLogger } from '@pocketproxy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { type RunningRelayStatus, startRelayStatus } from './relay-status.ts';
import { TestControl } from './testing/test-control.ts';

/** The control role of the same installation, in another process. */
let control: TestControl;
let status: RunningRelayStatus;
let databaseWorks = true;

beforeAll(async () => {
  control = await TestControl.start();
  status = await startRelayStatus({
    ...control.shared,
    config: { httpListen: { host: '127.0.0.1', port: 0 }, publicUrl: 'https://proxy.example' },
    log: silentLogger(),
    metrics: new ServerMetrics('1.2.3'),
    checks: {
      database: async () => {
        if (!databaseWorks) throw new Error('away');
        return undefined;
      },
    },
  });
});
afterAll(async () => {
  await status.stop();
  await control.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${status.url}${path}`, { headers });

test('a process that is only a relay says that it lives, and whether it can work', async () => {
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await get('/readyz')).status).toBe(200);
  databaseWorks = false;
  const answer = await get('/readyz');
  expect([answer.status, await answer.json()]).toMatchObject([503, { checks: { database: 'failed' } }]);
  databaseWorks = true;
});

test('its metrics are for programs of this host, and for keys that may read them', async () => {
  expect(await (await get('/metrics')).text()).toContain('pocketproxy_http_request_duration_seconds');
  const through = { 'x-forwarded-for': '203.0.113.7' };
  expect((await get('/metrics', through)).status).toBe(401);
  const { token } = await control.person('admin');
  const key = await control.call(
    'POST',
    '/api-keys',
    { name: randomUUID(), scopes: ['metrics:read'] },
    { token },
  );
  expect((await get('/metrics', { ...through, authorization: `Bearer ${key.body.key}` })).status).toBe(200);
});

test('it has nothing of the API', async () => {
  const answer = await get('/api/v1/devices');
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_found' }]);
});
