import { FakeClock } from '@pocketproxy/runtime';
import { expect, test } from 'vitest';
import type { LoggedStatus } from '../domain/status-change.ts';
import { Uptime } from './uptime.ts';

const clock = new FakeClock(Date.UTC(2026, 2, 10));
const day = (offset: number) => new Date(clock.now() + offset * 86_400_000);
const device = { id: 'device', createdAt: day(-30) };

/** A log that answers as the database does: what is in the range, and the last start before it. */
function uptimeOf(log: [LoggedStatus['status'], number][]) {
  const starts = log.map(([status, offset]) => ({ status, at: day(offset).getTime() }));
  const repository = {
    starts: async (_: string, from: Date, to: Date) => {
      const earlier = starts.filter(({ at }) => at <= from.getTime()).slice(-1);
      return [...earlier, ...starts.filter(({ at }) => at > from.getTime() && at < to.getTime())];
    },
  };
  return new Uptime(repository, clock);
}

const segment = (status: string, from: number, to: number) => ({
  ...{ status, from: day(from).toISOString(), to: day(to).toISOString() },
});

test('the last week is shown by default, with what was before it cut off', async () => {
  const uptime = uptimeOf([
    ['online', -20],
    ['reconnecting', -3],
    ['offline', -2],
    ['online', -1],
  ]);
  expect(await uptime.of(device, {})).toEqual({
    items: [
      ...[segment('online', -7, -3), segment('reconnecting', -3, -2), segment('offline', -2, -1)],
      segment('online', -1, 0),
    ],
    onlinePercent: 71.43,
    nextCursor: null,
  });
});

test('there is nothing before the device was paired or after now', async () => {
  const uptime = uptimeOf([['online', -29]]);
  const { items, onlinePercent } = await uptime.of(device, { from: day(-40), to: day(40) });
  expect(items).toEqual([segment('offline', -30, -29), segment('online', -29, 0)]);
  expect(onlinePercent).toBe(96.67);
  expect(await uptime.of(device, { from: day(-50), to: day(-40) })).toMatchObject({
    items: [],
    onlinePercent: null,
  });
});

test('a device that never connected was offline', async () => {
  expect(await uptimeOf([]).of(device, { from: day(-2) })).toMatchObject({
    items: [segment('offline', -2, 0)],
    onlinePercent: 0,
  });
});

test('segments of the same status are one', async () => {
  const uptime = uptimeOf([
    ['online', -3],
    ['online', -2],
  ]);
  expect((await uptime.of(device, { from: day(-4) })).items).toEqual([
    segment('offline', -4, -3),
    segment('online', -3, 0),
  ]);
});

test.each([
  ['empty', { from: day(-1), to: day(-1) }],
  ['upside down', { from: day(-1), to: day(-2) }],
  ['in the future', { from: day(1) }],
  ['longer than a year', { from: day(-400) }],
])('a range that is %s is refused', async (_, query) => {
  await expect(uptimeOf([]).of(device, query)).rejects.toMatchObject({ code: 'validation_failed' });
});
