import { once } from 'node:events';
import { LIVE_PROTOCOL, type LiveEvent, liveEventSchema } from '@pocketproxy/protocol/api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { devices } from './db/schema.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let operator: Person;
let customer: Person;
let url: string;
let phone: typeof devices.$inferSelect;

beforeAll(async () => {
  control = await TestControl.start();
  [operator, customer] = [await control.person('operator'), await control.person('customer')];
  phone = await insertDevice(control.db, await insertRelay(control.db), { lastSeenAt: new Date() });
  url = (await control.app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws');
});
afterAll(() => control.stop());

/** A client of `/live`, and what it was told. */
class LiveClient {
  readonly events: LiveEvent[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(protocols: string[], headers: Record<string, string> = {}, since?: string) {
    const query = since === undefined ? '' : `?since=${since}`;
    this.socket = new WebSocket(`${url}/api/v1/live${query}`, protocols, { headers });
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => this.events.push(liveEventSchema.parse(JSON.parse(String(data)))));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    onTestFinished(() => this.socket.terminate());
  }

  static of(person: Person, since?: string): LiveClient {
    return new LiveClient([LIVE_PROTOCOL], { authorization: `Bearer ${person.token}` }, since);
  }

  async told(type: LiveEvent['type'], count = 1): Promise<LiveEvent[]> {
    const found = () => this.events.filter((event) => event.type === type);
    await expect.poll(() => found().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
    return found();
  }
}

function changed(id = phone.id) {
  return control.bus.publish({ type: 'device.changed', id });
}

describe('live updates', () => {
  test('show a device as it is now', async () => {
    const client = LiveClient.of(operator);
    expect(await client.told('live.ready')).toMatchObject([{ data: { resumed: false } }]);
    await changed();
    expect(await client.told('device.status')).toMatchObject([{ data: { id: phone.id, name: 'Phone' } }]);
    await control.bus.publish({ type: 'device.telemetry', ids: [phone.id] });
    expect(await client.told('device.telemetry')).toMatchObject([{ data: { id: phone.id } }]);
  });

  test('let a browser bring its token as a protocol', async () => {
    const client = new LiveClient([LIVE_PROTOCOL, `bearer.${operator.token}`]);
    await client.told('live.ready');
    expect(client.socket.protocol).toBe(LIVE_PROTOCOL);
  });

  test('tell a tenant nothing of others', async () => {
    const own = await insertDevice(control.db, phone.relayId, { organizationId: customer.organizationId });
    const connection = await insertConnection(control.db, own);
    const client = LiveClient.of(customer);
    await client.told('live.ready');
    await changed();
    await control.bus.publish({ type: 'connection.usage', ids: [connection.id] });
    await changed(own.id);
    await Promise.all([client.told('device.status'), client.told('connection.usage')]);
    const ids = client.events.slice(1).map((event) => (event.data as { id: string }).id);
    expect(new Set(ids)).toEqual(new Set([own.id, connection.id]));
  });

  test('say that a connection is gone, to staff alone', async () => {
    const own = await insertDevice(control.db, phone.relayId, { organizationId: customer.organizationId });
    const connection = await insertConnection(control.db, own);
    const [staff, tenant] = [LiveClient.of(operator), LiveClient.of(customer)];
    await Promise.all([staff.told('live.ready'), tenant.told('live.ready')]);
    await control.call('DELETE', `/connections/${connection.id}`, undefined, operator);
    expect(await staff.told('connection.deleted')).toMatchObject([{ data: { id: connection.id } }]);
    await changed(own.id);
    await tenant.told('device.status');
    expect(tenant.events.map(({ type }) => type)).not.toContain('connection.deleted');
  });

  test('tell two operators of what each of them administers, and customers of nothing', async () => {
    const [admin, other] = [await control.person('admin'), await control.person('admin')];
    const [listening, tenant] = [LiveClient.of(other), LiveClient.of(customer)];
    await Promise.all([listening.told('live.ready'), tenant.told('live.ready')]);
    const make = async (path: string, body: object) =>
      (await control.call('POST', path, body, admin)).body.id as string;
    const target = 'https://hooks.example.com/pocketproxy';
    const made = {
      'invitation.changed': await make('/invitations', { email: 'new@example.com', role: 'operator' }),
      'organization.changed': await make('/organizations', { name: 'Acme' }),
      'pairing_code.changed': await make('/pairing-codes', {}),
      'rotation_link.changed': await make('/rotation-links', { deviceId: phone.id, name: 'Link' }),
      'notification_channel.changed': await make('/notification-channels', {
        ...{ type: 'webhook', name: 'Hook', target, events: ['device.offline'] },
      }),
      'user.changed': await make('/users', { email: 'ada@example.com', name: 'Ada', role: 'operator' }),
    } as const;
    for (const [type, id] of Object.entries(made)) {
      expect(await listening.told(type as LiveEvent['type'])).toMatchObject([{ data: { id } }]);
    }
    const entries = await listening.told('audit.recorded', 6);
    expect(entries.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ action: 'user.create', targetId: made['user.changed'] }),
    );
    await changed();
    expect(tenant.events.map(({ type }) => type)).toEqual(['live.ready']);
  });

  test('tell of an API key its owner and administrators, and nobody else', async () => {
    const [owner, admin] = [await control.person('customer'), await control.person('admin')];
    const colleague = await control.person('customer', owner.organizationId);
    const people = [owner, admin, colleague, operator].map((person) => LiveClient.of(person));
    await Promise.all(people.map((client) => client.told('live.ready')));
    const { body } = await control.call(
      ...(['POST', '/api-keys', { name: 'Own', scopes: ['devices:read'] }, owner] as const),
    );
    const told = people.slice(0, 2);
    await Promise.all(told.map((client) => client.told('api_key.changed')));
    await control.call('DELETE', `/api-keys/${body.id}`, undefined, admin);
    for (const client of told) {
      expect((await client.told('api_key.changed', 2)).at(-1)).toMatchObject({ data: { id: body.id } });
    }
    const hears = people.map(({ events }) => events.some(({ type }) => type === 'api_key.changed'));
    expect(hears).toEqual([true, true, false, false]);
  });

  test('tell what became of a message, in the channel that it belongs to', async () => {
    const channel = { type: 'webhook', name: 'Nowhere', target: 'https://nowhere.invalid/' };
    const events = ['device.offline'];
    const made = await control.call('POST', '/notification-channels', { ...channel, events }, operator);
    const client = LiveClient.of(operator);
    await client.told('live.ready');
    await control.call('POST', `/notification-channels/${made.body.id}/test`, undefined, operator);
    expect(await client.told('notification.delivery')).toMatchObject([
      { data: { channelId: made.body.id, event: 'channel.test', status: 'failed' } },
    ]);
  });

  test('are caught up with after a lost connection', async () => {
    const before = LiveClient.of(operator);
    await before.told('live.ready');
    await changed();
    const [seen] = await before.told('device.status');
    before.socket.terminate();
    await before.closed;
    // Somebody else listens meanwhile, so that it is known when the feed has told it.
    const other = LiveClient.of(operator);
    await other.told('live.ready');
    await changed();
    await other.told('device.status');
    const after = LiveClient.of(operator, seen!.id);
    expect(await after.told('live.ready')).toMatchObject([{ data: { resumed: true } }]);
    expect(await after.told('device.status')).toHaveLength(1);
  });

  test('say when they cannot be caught up with', async () => {
    const client = LiveClient.of(operator, 'ffffffff-1');
    expect(await client.told('live.ready')).toMatchObject([{ data: { resumed: false } }]);
  });

  test('are for nobody without a valid token', async () => {
    const client = new LiveClient([LIVE_PROTOCOL, 'bearer.nonsense']);
    const [, answer] = await once(client.socket, 'unexpected-response');
    expect(answer.statusCode).toBe(401);
    // The HTTP server no longer looks after such a socket.
    answer.resume();
    await once(answer.socket, 'close');
    expect(await control.call('GET', '/live', undefined, { token: operator.token })).toMatchObject({
      ...{ status: 426, body: { code: 'upgrade_required' } },
    });
  });

  test.each([
    ['a logout', (person: Person) => control.call('POST', '/auth/logout', undefined, person)],
    ['its user is disabled', (person: Person) => control.users.update(person.id, { disabled: true })],
  ])('end at once after %s, and not at the next look', async (_, takeAway) => {
    const person = await control.person('operator');
    const client = LiveClient.of(person);
    await client.told('live.ready');
    const start = performance.now();
    await takeAway(person);
    expect(await client.closed).toBe(4401);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  test('drop a client that does not read', async () => {
    const client = LiveClient.of(operator);
    await client.told('live.ready');
    client.socket.pause();
    const description = 'x'.repeat(2_000);
    const many = await Promise.all(
      Array.from({ length: 500 }, () => insertDevice(control.db, phone.relayId, { description })),
    );
    const listening = LiveClient.of(operator);
    await listening.told('live.ready');
    for (let round = 0; round < 20; round += 1) {
      const ids = many.map(({ id }) => id);
      for (let at = 0; at < ids.length; at += 100)
        await control.bus.publish({ type: 'device.telemetry', ids: ids.slice(at, at + 100) });
      await listening.told('device.telemetry', (round + 1) * 500);
    }
    client.socket.resume();
    expect([1006, 4408]).toContain(await client.closed);
    expect(listening.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('/metrics', () => {
  test('counts what there is, for programs on this host', async () => {
    const { statusCode, headers, body } = await control.app.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toMatch(/^pocketproxy_devices\{status="reconnecting"\} \d+$/m);
    expect(body).toMatch(/^pocketproxy_http_request_duration_seconds_count\{.*route="\/api\/v1\/live"/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  test('is for nobody else without a token that may read it', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await control.app.inject({ url: '/metrics', headers })).statusCode).toBe(401);
    const as = async (person: Person) =>
      (
        await control.app.inject({
          url: '/metrics',
          headers: { ...headers, authorization: `Bearer ${person.token}` },
        })
      ).statusCode;
    expect([await as(operator), await as(customer)]).toEqual([200, 403]);
  });
});

describe('the specification', () => {
  interface Operation {
    readonly operationId: string;
    readonly summary: string;
    readonly tags: readonly string[];
    readonly responses: Readonly<Record<string, { readonly content?: object }>>;
  }

  test('names and describes every call once, with its answers and refusals', async () => {
    const { body } = await control.call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const known = new Set(body.tags.map(({ name }: { name: string }) => name));
    const operations = Object.values(body.paths).flatMap((item) =>
      Object.values(item as object),
    ) as Operation[];
    expect(operations.length).toBeGreaterThan(60);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, summary, tags, responses } of operations) {
      expect(summary, operationId).toBeTruthy();
      expect(known, operationId).toContain(tags[0]);
      expect(Object.keys(responses), operationId).toContain('default');
      const results = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(results, operationId).not.toEqual([]);
    }
  });

  test('has a page to read and try it, which asks no other server', async () => {
    const page = await control.app.inject({ url: '/api/v1/docs/' });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('/api/v1/openapi.json');
    expect(page.body).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/);
    const script = await control.app.inject({ url: '/api/v1/docs/js/scalar.js' });
    expect(script.headers['content-type']).toContain('javascript');
    expect(script.rawPayload.length).toBeGreaterThan(100_000);
  });
});
