import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DatagramBatch, findOriginalDestination } from './datagram-batch.ts';
import { encodeSocketAddress, formatIpv4, parseIpv4 } from './socket-address.ts';

/** A control message with its header and padding. */
function control(level: number, type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((16 + data.length) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(16 + data.length), true);
  view.setInt32(8, level, true);
  view.setInt32(12, type, true);
  bytes.set(data, 16);
  return bytes;
}

function find(...messages: Uint8Array[]): number | null {
  const bytes = Buffer.concat(messages);
  return findOriginalDestination(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

const destination = encodeSocketAddress(parseIpv4('93.184.216.34')!, 443);

describe('control messages', () => {
  test('tell the original destination, alone or after others', () => {
    expect(find(control(0, 20, destination))).toBe(16);
    expect(find(control(1, 29, new Uint8Array(5)), control(0, 20, destination))).toBe(40);
  });

  test('without one tell nothing', () => {
    expect(find()).toBeNull();
    expect(find(control(0, 8, new Uint8Array(12)))).toBeNull();
    expect(find(control(0, 20, destination.subarray(0, 8)))).toBeNull();
    expect(find(control(0, 20, new Uint8Array(16)))).toBeNull();
  });

  test('of any content neither fail nor point outside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const at = find(bytes);
        if (at !== null) expect(at + 16).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test('with lengths that lie neither fail nor point outside', () => {
    const whole = Buffer.concat([control(1, 29, new Uint8Array(5)), control(0, 20, destination)]);
    fc.assert(
      fc.property(fc.nat(15), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const found = findOriginalDestination(new DataView(bytes.buffer, bytes.byteOffset), 0, end);
        if (found !== null) expect(found + 16).toBeLessThanOrEqual(end);
      }),
    );
  });
});

describe('a batch of datagrams', () => {
  const COUNT = 3;
  const BASE = 0x7f00_0000_1000n;

  /** What the kernel would have written for one message. */
  function received(memory: Uint8Array, index: number, data: string, flags = 0): void {
    const view = new DataView(memory.buffer);
    const at = (field: number) => Number(view.getBigUint64(index * 64 + field, true) - BASE);
    memory.set(encodeSocketAddress(parseIpv4('10.66.0.2')!, 5_000 + index), at(0));
    memory.set(control(0, 20, destination), at(32));
    view.setBigUint64(index * 64 + 40, 32n, true);
    view.setUint32(index * 64 + 48, flags, true);
    view.setUint32(index * 64 + 56, data.length, true);
    const iovec = at(16);
    memory.set(Buffer.from(data), Number(view.getBigUint64(iovec, true) - BASE));
  }

  function batch(): { memory: Uint8Array; batch: DatagramBatch } {
    const memory = new Uint8Array(DatagramBatch.size(COUNT));
    return { memory, batch: new DatagramBatch(memory, BASE, COUNT) };
  }

  test('is read as it was received', () => {
    const { memory, batch: read } = batch();
    for (let i = 0; i < COUNT; i += 1) received(memory, i, `datagram ${i}`);
    for (let i = 0; i < COUNT; i += 1) {
      const datagram = read.read(i)!;
      expect(Buffer.from(datagram.data).toString()).toBe(`datagram ${i}`);
      expect([formatIpv4(datagram.client), datagram.clientPort]).toEqual(['10.66.0.2', 5_000 + i]);
      expect([formatIpv4(datagram.destination), datagram.destinationPort]).toEqual(['93.184.216.34', 443]);
    }
  });

  test('leaves out what was cut off and what has no destination', () => {
    const { memory, batch: read } = batch();
    received(memory, 0, 'cut off', 0x20);
    received(memory, 1, 'whole');
    new DataView(memory.buffer).setUint32(64 + 40, 0, true);
    expect(read.read(0)).toBeNull();
    expect(read.read(1)).toBeNull();
    expect(read.read(2)).toBeNull();
  });
});

test('addresses are written and read alike', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(formatIpv4(parseIpv4(text)!)).toBe(text);
    }),
  );
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '::1', 'a.b.c.d'])
    expect(parseIpv4(text)).toBeNull();
});
