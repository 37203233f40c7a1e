import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webhookSecretKey } from '@pocketproxy/protocol/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLog } from './db/access-schema.ts';
import { notificationChannels } from './db/notification-schema.ts';
import { insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let operator: Person;

beforeAll(async () => {
  control = await TestControl.start();
  operator = await control.person('operator');
});
afterAll(() => control.stop());

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, headers = {}) =>
  control.call(method, `/notification-channels${path}`, body, { token: operator.token, headers });

const webhook = {
  ...{ type: 'webhook', name: 'Chat', target: 'https://hooks.example/T0/secret-path' },
  events: ['device.offline', 'device.recovered'],
};

describe('notification channels', () => {
  test('are made, shown, changed and deleted, and the secret is told once', async () => {
    const made = await call('POST', '', webhook);
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"', 'cache-control': 'no-store' },
      body: { ...webhook, enabled: true, version: 1, secret: expect.stringMatching(/^whsec_/) },
    });
    const { secret, ...view } = made.body;
    expect(await call('GET', `/${view.id}`)).toMatchObject({ status: 200, body: view });
    expect((await call('GET', '')).body.items).toContainEqual(view);
    const changed = await call('PATCH', `/${view.id}`, { enabled: false, events: ['device.paired'] });
    expect(changed).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { enabled: false, events: ['device.paired'], version: 2 },
    });
    for (const answer of [await call('GET', ''), await call('GET', `/${view.id}`), changed]) {
      expect(JSON.stringify(answer)).not.toContain(secret);
    }
    expect((await call('DELETE', `/${view.id}`)).status).toBe(204);
    expect((await call('GET', `/${view.id}`)).body.code).toBe('not_found');
  });

  test('keep their secret out of the database, the log and the audit log', async () => {
    const { body } = await call('POST', '', webhook);
    await call('PATCH', `/${body.id}`, { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` });
    const stored = await control.db.select().from(notificationChannels);
    const audited = await control.db.select().from(auditLog);
    expect(audited.filter(({ targetId }) => targetId === body.id)).toMatchObject([
      {
        action: 'notification_channel.create',
        before: null,
        after: { name: 'Chat', target: 'https://hooks.example' },
      },
      { action: 'notification_channel.update', after: { secret: 'replaced' } },
    ]);
    const text = JSON.stringify([stored, audited, control.logged]);
    for (const secret of [body.secret, Buffer.alloc(32, 7).toString('base64')]) {
      expect(text).not.toContain(secret.replace('whsec_', ''));
    }
    expect(JSON.stringify([audited, control.logged])).not.toContain('secret-path');
  });

  test('are not overwritten by who has seen an older state', async () => {
    const { body } = await call('POST', '', webhook);
    await call('PATCH', `/${body.id}`, { name: 'First' }, { 'if-match': '"1"' });
    const late = await call('PATCH', `/${body.id}`, { name: 'Second' }, { 'if-match': '"1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await call('GET', `/${body.id}`)).body.name).toBe('First');
  });

  test('are made once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'channel-0001' };
    const [one, two] = [await call('POST', '', webhook, headers), await call('POST', '', webhook, headers)];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body).toEqual(one.body);
  });

  test.each([
    ['body.target', { ...webhook, target: 'ftp://hooks.example' }, 'https://'],
    ['body.target', { ...webhook, target: 'https://user:pw@hooks.example/' }, 'without user name'],
    ['body.target', { ...webhook, target: 'https://hooks.example/#x' }, 'without a fragment'],
    ['body.target', { ...webhook, target: 'http://127.0.0.1/' }, 'loopback'],
    ['body.target', { ...webhook, target: 'http://2130706433/' }, 'loopback'],
    ['body.target', { ...webhook, target: 'http://[::ffff:10.0.0.1]/' }, 'private'],
    ['body.target', { ...webhook, target: 'http://169.254.169.254/latest' }, 'link-local'],
    ['body.target', { ...webhook, target: 'http://localhost:8080/' }, 'loopback'],
    ['body.target', { ...webhook, type: 'email' }, 'e-mail address'],
    [
      'body.target',
      { ...webhook, type: 'email', target: 'a@b.example\r\nBcc: c@d.example' },
      'e-mail address',
    ],
    ['body.secret', { ...webhook, secret: 'hunter2' }, 'whsec_'],
    [
      'body.secret',
      { ...webhook, type: 'email', target: 'a@b.example', secret: `whsec_${'A'.repeat(32)}` },
      'not signed',
    ],
    ['body.events', { ...webhook, events: [] }, 'at least one'],
    ['body.type', { ...webhook, type: 'email', target: 'a@b.example' }, 'POCKETPROXY_SMTP_URL'],
  ])('say what is wrong with %s', async (field, body, hint) => {
    const { status, body: problem } = await call('POST', '', body);
    expect([status, problem.code]).toEqual([400, 'validation_failed']);
    expect(problem.errors).toContainEqual({ field, message: expect.stringContaining(hint) });
  });

  test('do not move into a private network by a change', async () => {
    const { body } = await call('POST', '', webhook);
    const moved = await call('PATCH', `/${body.id}`, { target: 'http://192.168.1.1/' });
    expect(moved).toMatchObject({ status: 400, body: { errors: [{ field: 'body.target' }] } });
  });

  test('are for staff', async () => {
    const customer = await control.person('customer');
    const answer = await control.call('GET', '/notification-channels', undefined, { token: customer.token });
    expect(answer.body.code).toBe('forbidden');
  });
});

describe('a test message', () => {
  test('that cannot go out is answered in words, and is in the history', async () => {
    const { body } = await call('POST', '', { ...webhook, target: 'https://does-not-exist.invalid/' });
    const { status, body: outcome } = await call('POST', `/${body.id}/test`);
    expect([status, outcome.delivered]).toEqual([200, false]);
    expect(outcome.error).toMatch(/name of the host/);
    const history = await call('GET', `/${body.id}/deliveries`);
    expect(history.body.items).toMatchObject([
      { event: 'channel.test', status: 'failed', attempts: 1, lastError: outcome.error, deliveredAt: null },
    ]);
  });

  test('arrives signed with the secret that was told', async () => {
    const open = await TestControl.start({ config: { webhookAllowPrivate: true } });
    const { token } = await open.person('admin');
    const received: { headers: IncomingMessage['headers']; body: string }[] = [];
    const receiver = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      received.push({ headers: request.headers, body: text });
      response.end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const target = `http://localhost:${(receiver.address() as AddressInfo).port}/hook`;
    const made = await open.call('POST', '/notification-channels', { ...webhook, target }, { token });
    const path = `/notification-channels/${made.body.id}`;
    const outcome = await open.call('POST', `${path}/test`, undefined, { token });
    expect(outcome.body).toMatchObject({ delivered: true, error: null });
    const [{ headers, body }] = received as [(typeof received)[0]];
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = webhookSecretKey(made.body.secret)!;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
    expect(JSON.parse(body)).toMatchObject({ type: 'channel.test', data: { channelName: 'Chat' } });
    for (let index = 0; index < 4; index += 1) await open.call('POST', `${path}/test`, undefined, { token });
    const first = await open.call('GET', `${path}/deliveries?limit=3`, undefined, { token });
    const cursor = first.body.nextCursor;
    const rest = await open.call('GET', `${path}/deliveries?limit=3&cursor=${cursor}`, undefined, { token });
    const ids = [...first.body.items, ...rest.body.items].map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect([ids.length, rest.body.nextCursor]).toEqual([5, null]);
    receiver.close();
    await open.stop();
  });
});

describe('uptime', () => {
  test('is answered for a device, and its range is checked', async () => {
    const relayId = await insertRelay(control.db);
    const { id } = await insertDevice(control.db, relayId, { createdAt: new Date(Date.now() - 3_600_000) });
    const get = (query: string) =>
      control.call('GET', `/devices/${id}/uptime${query}`, undefined, { token: operator.token });
    expect(await get('')).toMatchObject({
      status: 200,
      body: { items: [{ status: 'offline' }], onlinePercent: 0, nextCursor: null },
    });
    expect(await get('?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'query.from' }] },
    });
    expect((await get('?from=yesterday')).status).toBe(400);
  });
});
