import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressDnsAnswer,
  DNS_RCODES,
  DNS_TYPES,
  emptyDnsAnswer,
  fitDnsAnswer,
  isDnsAnswerTo,
  isTruncatedDnsAnswer,
  parseDnsQuery,
  withDnsId,
} from './dns-message.ts';

/** A query with one question, and an EDNS record if `payload` is given. */
function query(name: string, { id = 7, type = 1, payload = 0 } = {}): Uint8Array {
  const labels = name
    .split('.')
    .flatMap((label) => [label.length, ...[...label].map((c) => c.charCodeAt(0))]);
  const edns = payload ? [0, 0, 41, payload >> 8, payload & 255, 0, 0, 0, 0, 0, 0] : [];
  const head = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, payload ? 1 : 0];
  return Uint8Array.from([...head, ...labels, 0, type >> 8, type & 255, 0, 1, ...edns]);
}

const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

describe('DNS messages', () => {
  test('queries are understood as they were written', () => {
    const settings = fc.record({
      id: fc.nat(0xffff),
      type: fc.nat(0xffff),
      payload: fc.integer({ min: 1, max: 0xffff }),
    });
    fc.assert(
      fc.property(name, settings, (asked, { id, type, payload }) => {
        const parsed = parseDnsQuery(query(asked.toUpperCase(), { id, type, payload }));
        expect(parsed).toMatchObject({ id, type, name: asked, udpPayloadSize: Math.max(512, payload) });
      }),
    );
  });

  test('any bytes are a query or not, and never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        parseDnsQuery(bytes);
        isTruncatedDnsAnswer(bytes);
        expect(isDnsAnswerTo(bytes, bytes)).toBe(false);
      }),
    );
  });

  test('a query with changed or missing bytes is never an error', () => {
    const whole = query('some.name.example', { payload: 1_232 });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const bytes = whole.slice(0, length);
        bytes[at] = byte;
        const parsed = parseDnsQuery(bytes);
        if (parsed === null) return;
        expect(parsed.questionEnd).toBeLessThanOrEqual(bytes.length);
        expect(isDnsAnswerTo(bytes, emptyDnsAnswer(bytes, parsed, 0))).toBe(true);
      }),
    );
  });

  test.each([
    ['responses', 2, 0x81],
    ['updates', 2, 0x28],
    ['two questions', 5, 2],
    ['no question', 5, 0],
    ['compressed names', 12, 0xc0],
  ])('%s are no queries', (_what, at, byte) => {
    const bytes = query('a.example');
    bytes[at] = byte;
    expect(parseDnsQuery(bytes)).toBeNull();
  });

  test('an answer belongs to the query with its id and its question alone', () => {
    const asked = query('a.example');
    const answer = emptyDnsAnswer(asked, parseDnsQuery(asked)!, DNS_RCODES.serverFailure);
    expect(answer[3]! & 0x0f).toBe(DNS_RCODES.serverFailure);
    expect(isDnsAnswerTo(asked, answer)).toBe(true);
    expect(isDnsAnswerTo(asked, withDnsId(answer, 8))).toBe(false);
    expect(isDnsAnswerTo(query('b.example'), answer)).toBe(false);
    expect(isDnsAnswerTo(query('a.example', { type: DNS_TYPES.aaaa }), answer)).toBe(false);
    expect(isDnsAnswerTo(asked, asked)).toBe(false);
  });

  test('an address is answered with a pointer to the name', () => {
    const asked = query('a.example');
    const answer = addressDnsAnswer(asked, parseDnsQuery(asked)!, Uint8Array.of(10, 66, 0, 1), 60);
    expect([...answer.slice(-16)]).toEqual([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 66, 0, 1]);
    expect(isDnsAnswerTo(asked, answer)).toBe(true);
  });

  test('what does not fit is left to TCP', () => {
    const asked = query('a.example', { payload: 1_232 });
    const parsed = parseDnsQuery(asked)!;
    const head = emptyDnsAnswer(asked, parsed, DNS_RCODES.noError);
    const fits = new Uint8Array(1_232);
    fits.set(head);
    expect(fitDnsAnswer(asked, parsed, fits)).toBe(fits);
    const long = new Uint8Array(1_233);
    long.set(head);
    const told = fitDnsAnswer(asked, parsed, long);
    expect(isTruncatedDnsAnswer(told)).toBe(true);
    expect(told.length).toBe(head.length);
    expect(isDnsAnswerTo(asked, told)).toBe(true);
  });
});
