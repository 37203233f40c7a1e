import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditLog } from './db/access-schema.ts';
import { PostgresCommandStore } from './db/command-store.ts';
import { commands, rotations } from './db/device-work-schema.ts';
import { RotationSchedule } from './db/rotation-schedule.ts';
import { devices } from './db/schema.ts';
import { insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let operator: Person;
let relayId: string;
let deviceId: string;

beforeAll(async () => {
  control = await TestControl.start();
  operator = await control.person('operator');
  relayId = await insertRelay(control.db);
});
afterAll(() => control.stop());
beforeEach(async () => {
  deviceId = (await insertPhone()).id;
});

function insertPhone(values: Partial<typeof devices.$inferInsert> = {}) {
  const capabilities = ['tcp', 'udp', 'rotate_ip', 'find_phone'];
  return insertDevice(control.db, relayId, {
    ...{ connectedRelayId: relayId, lastSeenAt: new Date(), capabilities },
    ...values,
  });
}

function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, headers = {}) {
  return control.call(method, path, body, { token: operator.token, headers });
}

/** What a relay does when a rotation has ended. */
async function endRotation(id: string): Promise<void> {
  const ended = {
    status: 'succeeded',
    step: 'finished',
    newIp: '198.51.100.8',
    finishedAt: new Date(),
  } as const;
  await control.db.update(rotations).set(ended).where(eq(rotations.id, id));
  await control.db.update(devices).set({ lastRotationAt: new Date() }).where(eq(devices.id, deviceId));
  await control.bus.publish({ type: 'rotation.changed', id, deviceId });
}

describe('asking for a rotation', () => {
  test('queues one, and joins it while it runs', async () => {
    const first = await call('POST', `/devices/${deviceId}/rotate`);
    expect(first).toMatchObject({ status: 202, body: { status: 'queued', trigger: 'manual', deviceId } });
    const second = await call('POST', `/devices/${deviceId}/rotate`);
    expect(second.body.id).toBe(first.body.id);
    const underWay = async () =>
      (await call('GET', '/rotations/active')).body.items.map(({ id }: { id: string }) => id);
    expect(await underWay()).toContain(first.body.id);
    await endRotation(first.body.id);
    expect(await underWay()).not.toContain(first.body.id);
    const third = await call('POST', `/devices/${deviceId}/rotate`);
    expect(third.body.id).not.toBe(first.body.id);
  });

  test('waits for the outcome when it is asked to', async () => {
    const waiting = call('POST', `/devices/${deviceId}/rotate?waitSeconds=20`);
    await expect.poll(async () => await openRotation()).toBeDefined();
    await endRotation((await openRotation())!.id);
    expect(await waiting).toMatchObject({
      status: 200,
      body: { status: 'succeeded', newIp: '198.51.100.8' },
    });
  });

  test('keeps the minimum interval of the device, whoever asks', async () => {
    await call('PATCH', `/devices/${deviceId}`, { rotationMinIntervalSeconds: 300 });
    const { body } = await call('POST', `/devices/${deviceId}/rotate`);
    await endRotation(body.id);
    const refused = await call('POST', `/devices/${deviceId}/rotate`);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rotation_too_soon' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(290);
  });

  test('of a device that does not exist is refused', async () => {
    expect(await call('POST', `/devices/${randomUUID()}/rotate`)).toMatchObject({ status: 404 });
  });

  async function openRotation() {
    const rows = await control.db.select().from(rotations).where(eq(rotations.deviceId, deviceId));
    return rows.find((row) => row.status === 'queued');
  }
});

describe('a rotation link', () => {
  async function makeLink(fields: object = {}) {
    const { status, body } = await call('POST', '/rotation-links', { deviceId, name: 'Customer', ...fields });
    expect(status).toBe(201);
    return { id: body.id as string, path: new URL(body.url).pathname };
  }

  function use(path: string, method: 'GET' | 'POST' | 'HEAD' = 'GET', headers: Record<string, string> = {}) {
    return control.app.inject({ method, url: path, headers });
  }

  test('rotates for who has it, by GET and by POST, and shows its secret once', async () => {
    const { id, path } = await makeLink();
    expect(path).toMatch(/^\/r\/[A-Za-z0-9_-]{32}$/);
    const first = await use(path);
    expect(first.statusCode).toBe(202);
    // Whoever has the link need not know ids.
    expect(first.json()).toEqual({
      status: 'queued',
      oldIp: null,
      newIp: null,
      reason: null,
      durationMs: null,
    });
    expect((await use(path, 'POST')).statusCode).toBe(202);
    const { body } = await call('GET', `/rotation-links/${id}`);
    expect(body.url).not.toContain(path.slice(3));
    expect(body.lastUsedAt).not.toBeNull();
  });

  test('gives 100 callers at once one rotation', async () => {
    const { path } = await makeLink({ minIntervalSeconds: 60 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => use(path)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    const rows = await control.db.select().from(rotations).where(eq(rotations.deviceId, deviceId));
    expect(rows).toHaveLength(1);
  });

  test('has a minimum interval of its own', async () => {
    const { path } = await makeLink({ minIntervalSeconds: 60 });
    await use(path);
    const [row] = await control.db.select().from(rotations).where(eq(rotations.deviceId, deviceId));
    await endRotation(row!.id);
    const refused = await use(path);
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'rotation_too_soon']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    // The device itself has none.
    expect((await call('POST', `/devices/${deviceId}/rotate`)).status).toBe(202);
  });

  test.each([
    ['HEAD', {}],
    ['GET', { 'user-agent': 'TelegramBot (like TwitterBot)' }],
    ['GET', { 'user-agent': 'WhatsApp/2.23.20.0' }],
    ['GET', { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' }],
    ['GET', { 'user-agent': 'facebookexternalhit/1.1' }],
    ['GET', { 'user-agent': 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)' }],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { purpose: 'prefetch' }],
  ] as const)('is not used by a preview: %s %j', async (method, headers) => {
    const { path } = await makeLink();
    const { statusCode } = await use(path, method, headers as Record<string, string>);
    expect(statusCode).toBeLessThan(300);
    expect(await control.db.select().from(rotations).where(eq(rotations.deviceId, deviceId))).toEqual([]);
  });

  test('ends when it expires and when it is revoked', async () => {
    const expired = await makeLink({ expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect((await use(expired.path)).json()).toMatchObject({ status: 410, code: 'link_expired' });
    const revoked = await makeLink();
    expect((await call('DELETE', `/rotation-links/${revoked.id}`)).status).toBe(204);
    expect((await use(revoked.path)).statusCode).toBe(404);
    expect((await use('/r/guessed')).statusCode).toBe(404);
  });

  test('is in the audit log also when nobody knows what became of its rotation', async () => {
    const { path } = await makeLink();
    const waiting = use(`${path}?waitSeconds=1`);
    const asked = () => control.db.select().from(rotations).where(eq(rotations.deviceId, deviceId));
    await expect.poll(asked).toHaveLength(1);
    await call('DELETE', `/devices/${deviceId}`);
    expect((await waiting).statusCode).toBe(404);
    const entries = await control.db.select().from(auditLog).where(eq(auditLog.targetId, deviceId));
    expect(entries.map(({ action }) => action)).toContain('device.rotate');
  });

  test('is kept out of caches, indexes and referrers', async () => {
    const { headers } = await use((await makeLink()).path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
      'referrer-policy': 'no-referrer',
    });
  });
});

describe('a command', () => {
  test('waits for the phone, and its outcome is waited for', async () => {
    const made = await call('POST', `/devices/${deviceId}/commands`, {
      type: 'find_phone',
      params: { seconds: 5 },
    });
    expect(made).toMatchObject({ status: 201, body: { status: 'pending', type: 'find_phone' } });
    const { id } = made.body;
    const waiting = call('GET', `/commands/${id}?waitSeconds=20`);
    await control.db
      .update(commands)
      .set({ status: 'succeeded', output: 'It rang', finishedAt: new Date() })
      .where(eq(commands.id, id));
    await control.bus.publish({ type: 'command.changed', id, deviceId });
    expect((await waiting).body).toMatchObject({ status: 'succeeded', output: 'It rang' });
    expect((await call('GET', `/devices/${deviceId}/commands`)).body.items).toMatchObject([{ id }]);
  });

  test('that the phone cannot carry out is refused with the reason and the remedy', async () => {
    const missing = [{ name: 'reboot', reason: 'It has no root.', fix: 'Root it.' }];
    await control.db.update(devices).set({ missingCapabilities: missing }).where(eq(devices.id, deviceId));
    const { status, body } = await call('POST', `/devices/${deviceId}/commands`, { type: 'reboot' });
    expect([status, body.code]).toEqual([409, 'unsupported_command']);
    expect(body.detail).toContain('It has no root. Root it.');
  });

  test('takes only its own parameters', async () => {
    const wrong = { type: 'rotate_ip', params: { seconds: 5 } };
    const { status, body } = await call('POST', `/devices/${deviceId}/commands`, wrong);
    expect([status, body.errors[0].field]).toEqual([400, 'body.params.seconds']);
  });

  test('to rotate is a rotation', async () => {
    const { body } = await call('POST', `/devices/${deviceId}/commands`, { type: 'rotate_ip' });
    expect(body).toMatchObject({ status: 'sent', params: { rotationId: expect.any(String) } });
    const rotation = await call('GET', `/rotations/${body.params.rotationId}`);
    expect(rotation.body).toMatchObject({ trigger: 'command', status: 'queued' });
  });

  test('that the phone does not fetch in time expires', async () => {
    const { body } = await call('POST', `/devices/${deviceId}/commands`, { type: 'find_phone' });
    await control.db
      .update(commands)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(commands.id, body.id));
    const { CommandRepository } = await import('./db/command-repository.ts');
    await new CommandRepository(control.db).expire(new Date());
    expect((await call('GET', `/commands/${body.id}`)).body).toMatchObject({
      ...{ status: 'expired', cancelled: false },
      reason: expect.stringContaining('did not come online'),
    });
  });

  test('that still waits for its phone is taken back, and tells so', async () => {
    const { body } = await call('POST', `/devices/${deviceId}/commands`, { type: 'find_phone' });
    expect(body.cancelled).toBe(false);
    const waiting = call('GET', `/commands/${body.id}?waitSeconds=20`);
    const taken = await call('POST', `/commands/${body.id}/cancel`);
    expect(taken).toMatchObject({ status: 200, body: { status: 'expired', cancelled: true } });
    expect((await waiting).body).toMatchObject({ id: body.id, cancelled: true });
    expect(await new PostgresCommandStore(control.db).markSent(body.id, new Date())).toBe(false);
    const again = await call('POST', `/commands/${body.id}/cancel`);
    expect(again).toMatchObject({ status: 409, body: { code: 'command_not_pending' } });
  });

  test('that the phone has, or that does not exist, is not taken back', async () => {
    const { body } = await call('POST', `/devices/${deviceId}/commands`, { type: 'rotate_ip' });
    const refused = await call('POST', `/commands/${body.id}/cancel`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'command_not_pending' } });
    expect((await call('GET', `/commands/${body.id}`)).body).toMatchObject({ status: 'sent' });
    expect(await call('POST', `/commands/${randomUUID()}/cancel`)).toMatchObject({ status: 404 });
  });

  test('with the same Idempotency-Key is given once', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/devices/${deviceId}/commands`;
    const [one, two] = [
      await call('POST', path, { type: 'find_phone' }, headers),
      await call('POST', path, { type: 'find_phone' }, headers),
    ];
    expect(two.body.id).toBe(one.body.id);
  });
});

describe('automatic rotation', () => {
  const minutes = 10;
  const at = (offsetMinutes: number) => new Date(Date.now() + offsetMinutes * 60_000);
  const schedule = (random = 0.5) => new RotationSchedule(control.db, () => random);
  const rotationsOf = (id: string) => control.db.select().from(rotations).where(eq(rotations.deviceId, id));

  test('says when it is next, from the moment it is set', async () => {
    const set = await call('PATCH', `/devices/${deviceId}`, { autoRotateMinutes: minutes });
    expect(Math.abs(Date.parse(set.body.nextRotationAt) - at(minutes).getTime())).toBeLessThan(30_000);
    const renamed = await call('PATCH', `/devices/${deviceId}`, {
      name: 'Other',
      autoRotateMinutes: minutes,
    });
    expect(renamed.body.nextRotationAt).toBe(set.body.nextRotationAt);
    const unset = await call('PATCH', `/devices/${deviceId}`, { autoRotateMinutes: null });
    expect(unset.body.nextRotationAt).toBeNull();
  });

  test('rotates what is due and online, once, and skips what is offline', async () => {
    const due = { autoRotateMinutes: minutes, nextRotationAt: at(-1) };
    const online = await insertPhone(due);
    const offline = await insertPhone({ ...due, connectedRelayId: null, lastSeenAt: at(-60) });
    await Promise.all(Array.from({ length: 4 }, () => schedule().run(new Date())));
    expect(await rotationsOf(online.id)).toMatchObject([{ trigger: 'schedule', status: 'queued' }]);
    expect(await rotationsOf(offline.id)).toEqual([]);
    for (const { id } of [online, offline]) {
      const { body } = await call('GET', `/devices/${id}`);
      expect(Math.abs(Date.parse(body.nextRotationAt) - at(minutes).getTime())).toBeLessThan(30_000);
    }
  });

  test('waits for the end of the minimum interval', async () => {
    const minute = { autoRotateMinutes: 1, nextRotationAt: at(-1) };
    const phone = await insertPhone({ ...minute, lastRotationAt: at(-5), rotationMinIntervalSeconds: 600 });
    const free = await insertPhone({ ...minute, lastRotationAt: at(-5), rotationMinIntervalSeconds: 60 });
    await schedule().run(new Date());
    expect(await rotationsOf(phone.id)).toEqual([]);
    expect(await rotationsOf(free.id)).toHaveLength(1);
    const { body } = await call('GET', `/devices/${phone.id}`);
    expect(Math.abs(Date.parse(body.nextRotationAt) - at(5).getTime())).toBeLessThan(10_000);
    const later = { lastRotationAt: at(-11), nextRotationAt: at(-1) };
    await control.db.update(devices).set(later).where(eq(devices.id, phone.id));
    await schedule().run(new Date());
    expect(await rotationsOf(phone.id)).toHaveLength(1);
  });

  test('has a next time as long as it has an interval, whoever changes what at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      await call('PATCH', `/devices/${deviceId}`, { autoRotateMinutes: null, autoRotateJitterPercent: 0 });
      const changes = [
        { autoRotateMinutes: 5 },
        { autoRotateJitterPercent: 10 },
        { autoRotateJitterPercent: 20 },
      ];
      await Promise.all(changes.map((change) => call('PATCH', `/devices/${deviceId}`, change)));
      const { body } = await call('GET', `/devices/${deviceId}`);
      expect(body).toMatchObject({ autoRotateMinutes: 5, nextRotationAt: expect.any(String) });
    }
  });

  test('comes early or late by the jitter that is allowed', async () => {
    const due = { autoRotateMinutes: 100, autoRotateJitterPercent: 20, nextRotationAt: at(-1) };
    for (const [random, expected] of [
      [0, 80],
      [0.999_999, 120],
    ] as const) {
      const phone = await insertPhone(due);
      await schedule(random).run(new Date());
      const { body } = await call('GET', `/devices/${phone.id}`);
      expect(Math.abs(Date.parse(body.nextRotationAt) - at(expected).getTime())).toBeLessThan(30_000);
    }
  });
});

describe('a change that is meant for one version', () => {
  test('is refused when somebody else was faster', async () => {
    const read = await call('GET', `/devices/${deviceId}`);
    const etag = { 'if-match': String(read.headers.etag) };
    const first = await call('PATCH', `/devices/${deviceId}`, { name: 'Mine' }, etag);
    expect(first).toMatchObject({ status: 200, headers: { etag: `"${read.body.version + 1}"` } });
    const second = await call('PATCH', `/devices/${deviceId}`, { name: 'Yours' }, etag);
    expect(second).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await call('GET', `/devices/${deviceId}`)).body.name).toBe('Mine');
  });

  test('names what is wrong with its version', async () => {
    const { status, body } = await call(
      'PATCH',
      `/devices/${deviceId}`,
      { name: 'X' },
      { 'if-match': 'W/1' },
    );
    expect([status, body.errors[0].field]).toEqual([400, 'headers.if-match']);
  });
});
