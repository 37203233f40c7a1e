import { expect, test } from 'vitest';
import { deviceStatus } from './device-status.ts';

const now = Date.UTC(2026, 0, 1);
const ago = (seconds: number) => new Date(now - seconds * 1000);

test.each([
  ['online', 'its relay lives', { relay: 'r', heartbeat: 29, seen: 10 }],
  ['online', 'its relay lives, however old the heartbeat', { relay: 'r', heartbeat: 5, seen: 500 }],
  ['reconnecting', 'its relay died', { relay: 'r', heartbeat: 30, seen: 40 }],
  ['offline', 'its relay died long ago', { relay: 'r', heartbeat: 500, seen: 500 }],
  ['reconnecting', 'it lost its session', { relay: null, heartbeat: null, seen: 119 }],
  ['offline', 'it was silent for two minutes', { relay: null, heartbeat: null, seen: 120 }],
  ['offline', 'it never connected', { relay: null, heartbeat: null, seen: null }],
])('a device is %s when %s', (status, _, { relay, heartbeat, seen }) => {
  const signs = {
    connectedRelayId: relay,
    relayHeartbeatAt: heartbeat === null ? null : ago(heartbeat),
    lastSeenAt: seen === null ? null : ago(seen),
  };
  expect(deviceStatus(signs, now)).toBe(status);
});
