import type { DeviceTotals, DeviceView, RotationView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { deviceRows, shownStatus } from './device-row.ts';

const devices = [
  { id: 'd1', status: 'reconnecting' },
  { id: 'd2', status: 'online' },
] as DeviceView[];

test('a phone is joined with its connections, its traffic of today and its rotation', () => {
  const totals: DeviceTotals[] = [{ deviceId: 'd1', connections: 2, bytesUpToday: 3, bytesDownToday: 40 }];
  const [one, two] = deviceRows(devices, totals, [{ deviceId: 'd1' } as RotationView]);
  expect(one).toMatchObject({ connections: 2, bytesToday: 43, rotating: true });
  expect(two).toMatchObject({ connections: 0, bytesToday: 0, rotating: false });
  expect([one, two].map((row) => row && shownStatus(row))).toEqual(['rotating', 'online']);
});

test('what is not read yet is not taken for nothing', () => {
  expect(deviceRows(devices, undefined, undefined)[0]).toMatchObject({ connections: null, bytesToday: null });
});

test('a row stays the same object until something of it has changed', () => {
  const [one, two] = deviceRows(devices, [], []);
  const before = new Map([one, two].flatMap((row) => (row ? [[row.id, row] as const] : [])));
  const changed = [devices[0]!, { ...devices[1]! }];
  const [same, other] = deviceRows(changed, [], [], before);
  expect(same).toBe(one);
  expect(other).not.toBe(two);
  expect(deviceRows(devices, [], [{ deviceId: 'd1' } as RotationView], before)[0]).not.toBe(one);
});
