import { PassThrough } from 'node:stream';
import type { UdpDatagram } from '@pocketproxy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatagramStream } from './datagram-stream.ts';

const datagrams = fc.array(
  fc.record({
    host: fc.constantFrom('192.0.2.1', '2001:db8::1', 'dns.example'),
    port: fc.integer({ min: 1, max: 65_535 }),
    data: fc.uint8Array({ maxLength: 3_000 }),
  }),
  { maxLength: 12 },
);

function encode(sent: readonly UdpDatagram[]): Buffer {
  const wire = new PassThrough({ highWaterMark: 1_000_000 });
  const stream = new DatagramStream(wire, () => {});
  const chunks: Buffer[] = [];
  wire.write = (chunk: Buffer) => chunks.push(chunk) > 0;
  for (const datagram of sent) stream.send(datagram);
  return Buffer.concat(chunks);
}

describe('datagrams on a stream', () => {
  it('arrive whole and in order, whatever way the bytes are cut', () => {
    fc.assert(
      fc.property(datagrams, fc.infiniteStream(fc.integer({ min: 1, max: 700 })), (sent, sizes) => {
        const bytes = encode(sent);
        const received: UdpDatagram[] = [];
        const wire = new PassThrough();
        new DatagramStream(wire, (datagram) =>
          received.push({ ...datagram, data: Uint8Array.from(datagram.data) }),
        );
        let at = 0;
        for (const size of sizes) {
          if (at >= bytes.length) break;
          wire.emit('data', bytes.subarray(at, at + size));
          at += size;
        }
        expect(received).toEqual(sent.map((d) => ({ ...d, data: Uint8Array.from(d.data) })));
      }),
    );
  });

  it('never throw on bytes from a broken peer', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const wire = new PassThrough();
        new DatagramStream(wire, () => {});
        for (const chunk of chunks) wire.emit('data', Buffer.from(chunk));
      }),
    );
  });

  it('are dropped, not queued, while the tunnel is full', () => {
    const stream = new DatagramStream(new PassThrough({ write: () => {} }), () => {});
    const datagram = { host: '192.0.2.1', port: 53, data: new Uint8Array(1_400) };
    let accepted = 0;
    while (stream.send(datagram)) accepted += 1;
    expect(accepted * 1_400).toBeLessThan(300 * 1024);
    expect(accepted).toBeGreaterThan(100);
  });

  it('refuse what no UDP datagram can hold', () => {
    const stream = new DatagramStream(new PassThrough(), () => {});
    expect(stream.send({ host: '192.0.2.1', port: 53, data: new Uint8Array(70_000) })).toBe(false);
  });
});
