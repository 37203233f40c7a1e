import { expect, test } from 'vitest';
import { loggedStatuses, type StatusChange } from './status-change.ts';

const now = Date.UTC(2026, 0, 1);
const ago = (seconds: number) => now - seconds * 1000;

function starts(change: Partial<StatusChange> & Pick<StatusChange, 'before' | 'status'>) {
  const all = { lastSeenAt: null, relayHeartbeatAt: null, lastLoggedAt: null, ...change };
  return loggedStatuses(all, now).map(({ status, at }) => [status, (now - at) / 1000]);
}

test('a device is offline from two minutes after its last heartbeat, however late that is noticed', () => {
  const change = { before: 'reconnecting', status: 'offline', lastSeenAt: ago(3600) } as const;
  expect(starts(change)).toEqual([['offline', 3480]]);
});

test('the time of reconnecting is logged also when nobody looked meanwhile', () => {
  const change = { before: 'online', status: 'offline', lastSeenAt: ago(3600) } as const;
  expect(starts(change)).toEqual([
    ['reconnecting', 3600],
    ['offline', 3480],
  ]);
});

test('a device whose relay died is reconnecting from when the relay counts as dead', () => {
  const change = { before: 'online', lastSeenAt: ago(90), relayHeartbeatAt: ago(80) } as const;
  expect(starts({ ...change, status: 'reconnecting' })).toEqual([['reconnecting', 50]]);
  expect(starts({ ...change, status: 'offline', lastSeenAt: ago(200) })).toEqual([
    ['reconnecting', 50],
    ['offline', 49.999],
  ]);
});

test('a device is online from when that is noticed', () => {
  expect(starts({ before: 'offline', status: 'online', lastSeenAt: ago(1) })).toEqual([['online', 0]]);
});

test('a segment begins after the one before and never in the future', () => {
  const change = { before: 'online', status: 'reconnecting', lastSeenAt: ago(20) } as const;
  expect(starts({ ...change, lastLoggedAt: ago(10) })).toEqual([['reconnecting', 9.999]]);
  expect(starts({ ...change, lastSeenAt: ago(-5) })).toEqual([['reconnecting', 0]]);
});
