import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DnsMessageStream, frameDnsMessage } from './message-stream.ts';

test('messages come out of a TCP stream as they went in, however it is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(frameDnsMessage));
      const stream = new DnsMessageStream();
      const got: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; i += 1) {
        const size = cuts[i % cuts.length]!;
        got.push(...stream.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(got.map((one) => [...one])).toEqual(sent.map((one) => [...one]));
    }),
  );
});
