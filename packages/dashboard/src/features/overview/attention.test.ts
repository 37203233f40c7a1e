import type { ConnectionView, DeviceView, RelayStatusView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { closeQuotas, concernsOf, successOf, type Watched } from './attention.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

const NOTHING: Watched = { devices: [], connections: [], relays: [], rotations: undefined };
const DEVICE = {
  ...{ id: 'd', name: 'Pixel', status: 'online', lastSeenAt: null },
  ...{ batteryPercent: 80, batteryCharging: false, missingCapabilities: [] as object[] },
} as DeviceView;
const CONNECTION = {
  ...{ id: 'c', name: 'acme', status: 'active', enabled: true, expiresAt: null },
  ...{ quotaBytes: null, usedBytes: 0 },
} as ConnectionView;
const RELAY = {
  ...{ id: 'r', publicHost: 'relay.example', alive: true, heartbeatAt: '2026-11-24T11:59:58Z' },
  openVpn: { state: 'on', port: 1194, reason: null },
} as RelayStatusView;

const words = (watched: Partial<Watched>) =>
  concernsOf({ ...NOTHING, ...watched }, NOW).map(({ word, text }) => `${word}: ${text}`);

test('what is well is not mentioned', () => {
  const rotations = { succeeded: 3, unchanged: 1, failed: 0 };
  expect(words({ devices: [DEVICE], connections: [CONNECTION], relays: [RELAY], rotations })).toEqual([]);
});

test('phones that are offline come before those with a low battery, and many become one line', () => {
  const low = { ...DEVICE, id: 'low', name: 'Low', batteryPercent: 9 };
  const offline = Array.from({ length: 8 }, (_, at) => ({
    ...DEVICE,
    ...{ id: `o${at}`, name: `Off ${at}`, status: 'offline' as const, batteryPercent: 3 },
  }));
  expect(words({ devices: [low, ...offline] })).toEqual([
    ...['Offline: Off 0', 'Offline: Off 1', 'Offline: Off 2', 'Offline: Off 3', 'Offline: Off 4'],
    ...['Offline: 3 more phones', 'Battery low: Low'],
  ]);
});

test('connections that have stopped or will stop soon are named, disabled ones are not', () => {
  const connections: ConnectionView[] = [
    { ...CONNECTION, status: 'quota_exceeded' },
    { ...CONNECTION, status: 'expired' },
    { ...CONNECTION, expiresAt: '2026-11-25T00:00:00Z' },
    { ...CONNECTION, expiresAt: '2027-11-25T00:00:00Z' },
    { ...CONNECTION, status: 'disabled', enabled: false, expiresAt: '2026-11-25T00:00:00Z' },
  ];
  expect(words({ connections })).toEqual(['Quota spent: acme', 'Expired: acme', 'Expires: acme']);
});

test('a phone that cannot rotate is told of with the remedy, one that only cannot update itself is not', () => {
  const lacks = (name: string) =>
    ({
      ...DEVICE,
      missingCapabilities: [{ name, reason: 'none', fix: 'set --radio-command' }],
    }) as DeviceView;
  expect(words({ devices: [lacks('rotate_ip')] })).toEqual(['No rotation: Pixel']);
  expect(words({ devices: [lacks('update_agent')] })).toEqual([]);
});

test('OpenVPN that cannot run is told of with the remedy, one that was turned off is not', () => {
  const off = (reason: string) => ({ ...RELAY, openVpn: { state: 'off' as const, port: null, reason } });
  const [concern] = concernsOf({ ...NOTHING, relays: [off('openvpn is missing (apt-get install)')] }, NOW);
  expect(concern?.detail).toContain('apt-get install');
  expect(words({ relays: [off('by POCKETPROXY_VPN_LISTEN=off')] })).toEqual([]);
  expect(words({ relays: [{ ...RELAY, alive: false }] })).toEqual([
    'Dead: The relay on relay.example gives no sign of life',
  ]);
});

test('rotations are told of when most bring nothing', () => {
  expect(words({ rotations: { succeeded: 1, unchanged: 3, failed: 1 } })).toEqual([
    'Failing: 4 of 5 rotations today brought no new address',
  ]);
  expect(successOf({ succeeded: 0, unchanged: 0, failed: 0 })).toEqual({ rate: null, total: 0 });
});

test('quotas close to their end come with the fullest first', () => {
  const used = (name: string, usedBytes: number) => ({ ...CONNECTION, name, usedBytes, quotaBytes: 100 });
  expect(closeQuotas([used('a', 79), used('b', 80), used('c', 120)]).map(({ name }) => name)).toEqual([
    'c',
    'b',
  ]);
});
