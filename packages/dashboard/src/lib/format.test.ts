import { describe, expect, test } from 'vitest';
import { formatBytes, formatDuration, formatRate, formatRelative, plural } from './format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0, 'iec', '0 B'],
  [1023, 'iec', '1023 B'],
  [1024, 'iec', '1.00 KiB'],
  [1_048_575, 'iec', '1.00 MiB'],
  [4_402_341_478, 'iec', '4.10 GiB'],
  [999, 'si', '999 B'],
  [999_600, 'si', '1.00 MB'],
  [10_000_000_000, 'si', '10.0 GB'],
] as const)('%d bytes in %s units are written as %s', (bytes, units, text) => {
  expect(plain(formatBytes(bytes, units))).toBe(text);
});

test('what is not known is a dash, not a nought', () => {
  expect([formatBytes(null), formatRate(undefined), formatDuration(null)]).toEqual(['–', '–', '–']);
});

test.each([
  [12_400_000, '12.4 Mbit/s'],
  [340_000, '0.34 Mbit/s'],
  [0, '0 Mbit/s'],
])('%d bits a second are written as %s', (rate, text) => {
  expect(plain(formatRate(rate))).toBe(text);
});

test.each([
  [450, '450 ms'],
  [7_210, '7.2 s'],
  [59_960, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [356_400_000, '4 d 3 h'],
])('%d ms are written as %s', (ms, text) => {
  expect(plain(formatDuration(ms))).toBe(text);
});

describe('a relative time', () => {
  test.each([
    [-2_000, 'just now'],
    [-30_000, '30 s ago'],
    [-3_700_000, '1 h ago'],
    [-200_000_000, '2 d ago'],
    [7_300_000, 'in 2 h'],
  ])('of %d ms is "%s"', (offset, text) => {
    expect(plain(formatRelative(1e12 + offset, 1e12))).toBe(text);
  });
});

test('one thing is one thing', () => {
  expect([plural(1, 'device'), plural(2500, 'device'), plural(0, 'entry', 'entries')]).toEqual([
    ...['1 device', '2,500 devices', '0 entries'],
  ]);
});
