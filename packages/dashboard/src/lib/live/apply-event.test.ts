import type { ConnectionView, DeviceView, LiveEvent } from '@pocketproxy/protocol/api';
import { QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { applyEvent } from './apply-event.ts';
import { Replay } from './replay.ts';
import { Throttle } from './throttle.ts';

const device = (id: string, more: Partial<DeviceView> = {}) =>
  ({ id, name: id, status: 'online', exitIp: '198.51.100.1', ...more }) as DeviceView;
const connection = (id: string, more: Partial<ConnectionView> = {}) =>
  ({ id, deviceId: 'd1', name: id, usedBytes: 0, version: 1, ...more }) as ConnectionView;
const event = (type: string, data: object) => ({ id: 'e-1', at: '', type, data }) as LiveEvent;

function setUp() {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  const target = { client, throttle: new Throttle(1_000, () => 0) };
  const outdated = () => invalidate.mock.calls.map(([filters]) => JSON.stringify(filters?.queryKey));
  return { client, outdated, apply: (type: string, data: object) => applyEvent(target, event(type, data)) };
}

test('a device is brought up to date in the list and on its page, and a new one is added', () => {
  const { client, apply } = setUp();
  client.setQueryData(['devices'], [device('d1'), device('d2')]);
  client.setQueryData(['devices', 'd1'], device('d1'));
  apply('device.status', device('d1', { status: 'offline' }));
  apply('device.status', device('d3'));
  expect(client.getQueryData<DeviceView[]>(['devices'])?.map(({ id, status }) => `${id} ${status}`)).toEqual([
    ...['d1 offline', 'd2 online', 'd3 online'],
  ]);
  expect(client.getQueryData(['devices', 'd1'])).toMatchObject({ status: 'offline' });
  expect(client.getQueryData(['devices', 'd3'])).toBeUndefined();
});

test('sums are read again when a status has changed, not with each report', () => {
  const { client, apply, outdated } = setUp();
  client.setQueryData(['devices'], [device('d1')]);
  apply('device.telemetry', device('d1', { batteryPercent: 50 }));
  expect(outdated()).not.toContain('["overview"]');
  apply('device.status', device('d1', { status: 'reconnecting' }));
  expect(outdated()).toContain('["overview"]');
});

test('bytes of a connection are counted in place', () => {
  const { client, apply, outdated } = setUp();
  client.setQueryData(['connections'], [connection('c1')]);
  apply('connection.usage', {
    id: 'c1',
    deviceId: 'd1',
    status: 'active',
    usedBytes: 9,
    quotaBytes: null,
    version: 1,
  });
  expect(client.getQueryData(['connections'])).toMatchObject([{ usedBytes: 9, name: 'c1' }]);
  expect(outdated()).not.toContain('["connections"]');
});

test('a connection that was made or changed elsewhere is read again', () => {
  const { client, apply, outdated } = setUp();
  client.setQueryData(['connections'], [connection('c1')]);
  apply('connection.usage', {
    id: 'c1',
    deviceId: 'd1',
    status: 'active',
    usedBytes: 0,
    quotaBytes: null,
    version: 2,
  });
  expect(outdated()).toContain('["connections"]');
  apply('connection.deleted', { id: 'c1' });
  expect(client.getQueryData(['connections'])).toEqual([]);
});

test('a connection that was changed elsewhere keeps its version until it is read: a form would overwrite the change', () => {
  const { client, apply, outdated } = setUp();
  client.setQueryData(['connections', 'c1'], connection('c1'));
  client.setQueryData(['connections'], [connection('c1')]);
  const usage = { id: 'c1', deviceId: 'd1', status: 'active', usedBytes: 7, quotaBytes: null, version: 2 };
  apply('connection.usage', usage);
  expect(client.getQueryData(['connections', 'c1'])).toMatchObject({ usedBytes: 7, version: 1 });
  expect(client.getQueryData(['connections'])).toMatchObject([{ usedBytes: 7, version: 1 }]);
  expect(outdated()).toContain('["connections","c1"]');
});

test('a rotation is first in the list of its device, once', () => {
  const { client, apply } = setUp();
  client.setQueryData(['devices', 'd1', 'rotations'], { items: [{ id: 'r1' }], nextCursor: null });
  apply('rotation.updated', { id: 'r2', deviceId: 'd1', status: 'running', finishedAt: null });
  apply('rotation.updated', { id: 'r2', deviceId: 'd1', status: 'succeeded', finishedAt: 'now' });
  expect(client.getQueryData(['devices', 'd1', 'rotations'])).toMatchObject({
    items: [{ id: 'r2', status: 'succeeded' }, { id: 'r1' }],
  });
});

test('a rotation is among those under way until it has ended', () => {
  const { client, apply } = setUp();
  const active = () => client.getQueryData<{ items: { id: string }[] }>(['rotations', 'active'])?.items;
  client.setQueryData(['rotations', 'active'], { items: [{ id: 'r1' }], nextCursor: null });
  apply('rotation.updated', { id: 'r2', deviceId: 'd1', status: 'running', finishedAt: null });
  expect(active()?.map(({ id }) => id)).toEqual(['r1', 'r2']);
  apply('rotation.updated', { id: 'r2', deviceId: 'd1', status: 'failed', finishedAt: 'now' });
  expect(active()?.map(({ id }) => id)).toEqual(['r1']);
});

test('a rotation by link has links read again, which tell of their use, and another has not', () => {
  const { apply, outdated } = setUp();
  apply('rotation.updated', { id: 'r1', deviceId: 'd1', trigger: 'manual', finishedAt: null });
  expect(outdated()).not.toContain('["rotation-links"]');
  apply('rotation.updated', { id: 'r2', deviceId: 'd1', trigger: 'link', finishedAt: null });
  expect(outdated()).toContain('["rotation-links"]');
});

test('a phone that comes has pairing codes read again, one that reports has not', () => {
  const { apply, outdated } = setUp();
  apply('device.telemetry', device('d1'));
  expect(outdated()).not.toContain('["pairing-codes"]');
  apply('device.status', device('d1'));
  expect(outdated()).toContain('["pairing-codes"]');
});

test('what somebody else has administered is read again, and nothing besides', () => {
  const { apply, outdated } = setUp();
  apply('rotation_link.changed', { id: 'l1' });
  expect(outdated()).toEqual(['["rotation-links"]']);
  apply('user.changed', { id: 'u1' });
  for (const key of ['["users"]', '["invitations"]', '["me"]']) expect(outdated()).toContain(key);
});

test('an event of a kind that is not known yet changes nothing', () => {
  const { apply, outdated } = setUp();
  apply('something.new', { id: 'x' });
  expect(outdated()).toEqual([]);
});

test('a message that was sent is first in the list of its channel, and updated there', () => {
  const { client, apply } = setUp();
  const key = ['notification-channels', 'n1', 'deliveries'];
  client.setQueryData(key, { items: [{ id: 'm1', status: 'delivered' }], nextCursor: null });
  apply('notification.delivery', { id: 'm2', channelId: 'n1', status: 'pending' });
  apply('notification.delivery', { id: 'm2', channelId: 'n1', status: 'delivered' });
  expect(client.getQueryData(key)).toEqual({
    items: [
      { id: 'm2', status: 'delivered' },
      { id: 'm1', status: 'delivered' },
    ],
    nextCursor: null,
  });
});

test('an entry of the audit log is first, once, wherever the filters let it through', () => {
  const { client, apply } = setUp();
  const key = (filters: object) => ['audit-log', filters];
  const filtered = [{}, { targetType: 'user' }, { actor: 'a2' }, { from: '2026-11-24T10:00:00.000Z' }];
  for (const filters of filtered) {
    const pages = [{ items: [{ id: 'e1' }], nextCursor: 'e1' }];
    client.setQueryData(key(filters), { pages, pageParams: [null] });
  }
  const entry = { id: 'e2', at: '2026-11-24T09:00:00.000Z', actor: { id: 'a1' }, targetType: 'user' };
  apply('audit.recorded', entry);
  apply('audit.recorded', entry);
  const counts = filtered.map(
    (filters) => client.getQueryData<{ pages: { items: [] }[] }>(key(filters))?.pages[0]?.items.length,
  );
  expect(counts).toEqual([2, 2, 1, 1]);
});

test('what happens while a list is read is not lost to the older answer', async () => {
  const client = new QueryClient();
  const target = { client, throttle: new Throttle(1_000, () => 0) };
  const replay = new Replay((happened) => applyEvent(target, happened));
  const stop = replay.follow(client);
  const answer = Promise.withResolvers<DeviceView[]>();
  const reading = client.fetchQuery({ queryKey: ['devices'], queryFn: () => answer.promise });
  replay.receive(event('device.status', device('d1', { status: 'offline' })));
  answer.resolve([device('d1')]);
  await reading;
  expect(client.getQueryData(['devices'])).toMatchObject([{ id: 'd1', status: 'offline' }]);
  stop();
});

test('a throttle runs the first at once, then the last of those that came', () => {
  const timers: (() => void)[] = [];
  const throttle = new Throttle(1_000, (run) => timers.push(run));
  const ran: number[] = [];
  for (const number of [1, 2, 3]) throttle.run('key', () => ran.push(number));
  throttle.run('other', () => ran.push(10));
  timers[0]?.();
  timers[2]?.();
  throttle.run('key', () => ran.push(4));
  expect(ran).toEqual([1, 10, 3, 4]);
});
