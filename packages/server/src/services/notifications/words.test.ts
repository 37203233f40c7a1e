import { notificationEventSchema } from '@pocketproxy/protocol/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message, MessageEvent } from './message.ts';
import { oneLine, wordsOf } from './words.ts';

const EVENTS: MessageEvent[] = [...notificationEventSchema.options, 'channel.test'];
const at = new Date('2026-03-01T10:20:30Z');

function words(event: MessageEvent, data: Message['data'] = {}) {
  return wordsOf({ id: 'id', event, at, data });
}

test('an outage says which phone, and since when', () => {
  const data = { deviceName: 'Berlin 1', offlineSince: '2026-03-01T10:18:30Z', deviceId: 'd' };
  expect(words('device.offline', data)).toEqual({
    subject: 'Berlin 1 is offline',
    summary: 'Nothing was heard of it for two minutes. Its customers get errors until it is back.',
    tone: 'bad',
    facts: [
      { label: 'Phone', value: 'Berlin 1' },
      { label: 'Offline since', value: '1 Mar 2026, 10:18 UTC' },
      { label: 'Time', value: '1 Mar 2026, 10:20 UTC' },
    ],
  });
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [125, '2 min 5 s'],
  [7500, '2 h 5 min'],
  [90_000, '1 d 1 h'],
  [86_460, '1 d'],
])('an outage of %i seconds lasted %s', (offlineSeconds, text) => {
  expect(words('device.recovered', { offlineSeconds }).summary).toBe(`It was offline for ${text}.`);
});

test('a quota says how much was used', () => {
  const data = { connectionName: 'Shop', usedBytes: 8_123_000_000, quotaBytes: 10_000_000_000 };
  const { subject, facts } = words('quota.warning', data);
  expect(subject).toBe('Shop has used 81 % of its quota');
  expect(facts).toContainEqual({ label: 'Used', value: '8.12 GB' });
});

test.each(EVENTS)('%s is told whatever is missing', (event) => {
  const { subject, summary } = words(event);
  expect(subject).toMatch(/^[A-Z][\w ,%.]+$/);
  expect(`${subject} ${summary}`).not.toMatch(/undefined|null|NaN/);
});

test('text of others stays in its line, whatever it holds', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'a\r\nBcc: x@example.com',
      '\u2028',
      '\u0085',
      '\ud800',
      '\u202egpj.exe',
      'x'.repeat(1000),
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...EVENTS), nasty, nasty, (event, deviceName, reason) => {
      const { subject, summary, facts } = words(event, { deviceName, connectionName: deviceName, reason });
      for (const text of [subject, summary, ...facts.flatMap(({ label, value }) => [label, value])]) {
        expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(text.isWellFormed()).toBe(true);
        expect([...text].length).toBeLessThanOrEqual(200);
      }
    }),
  );
  expect(oneLine(' a\r\n\r\nb ')).toBe('a b');
});
