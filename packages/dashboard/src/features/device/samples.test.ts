import type { DeviceSampleView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { networkSegments, samplePoints } from './samples.ts';

const sample = (time: string, networkType: string | null, signalDbm = -80) =>
  ({ at: `2026-11-24T${time}:00Z`, networkType, signalDbm }) as DeviceSampleView;
const clock = (at: number) => new Date(at).toISOString().slice(11, 16);

const SAMPLES = [
  sample('10:00', 'LTE'),
  sample('10:05', 'LTE'),
  sample('10:10', '5G', -70),
  sample('11:00', '5G'),
  sample('11:05', null),
];

test('a line has a gap where the phone was away', () => {
  const points = samplePoints(SAMPLES, 'signal', ({ signalDbm }) => signalDbm);
  expect(points.map(({ at, values }) => `${clock(at)} ${values.signal}`)).toEqual([
    ...['10:00 -80', '10:05 -80', '10:10 -70', '10:15 null', '11:00 -80', '11:05 -80'],
  ]);
});

test('times in one network are joined, but not across a gap', () => {
  const segments = networkSegments(SAMPLES);
  expect(segments.map(({ state, from, to }) => `${state} ${clock(from)}-${clock(to)}`)).toEqual([
    ...['LTE 10:00-10:10', '5G 10:10-10:15', '5G 11:00-11:05', 'none 11:05-11:10'],
  ]);
});
