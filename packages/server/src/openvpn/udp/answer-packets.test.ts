import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../sockets/socket-address.ts';
import { answerPackets } from './answer-packets.ts';

const source = parseIpv4('93.184.216.34')!;
const client = parseIpv4('10.66.0.2')!;

function packets(data: Uint8Array, mtu = 1_500): Uint8Array[] {
  return answerPackets({ source, sourcePort: 443, client, clientPort: 5_000, data }, 77, mtu);
}

/** The Internet checksum of everything that a UDP checksum covers; 0 when it is right. */
function verify(datagram: Uint8Array): number {
  const pseudo = [93, 184, 216, 34, 10, 66, 0, 2, 0, 17, datagram.length >> 8, datagram.length & 255];
  const bytes = [...pseudo, ...datagram, ...(datagram.length % 2 ? [0] : [])];
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i]! * 256 + bytes[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

describe('packets of an answer', () => {
  test('have both headers', () => {
    const [packet] = packets(Uint8Array.of(1, 2, 3));
    expect(Buffer.from(packet!.subarray(0, 26)).toString('hex')).toBe(
      '4500001f004d00004011' + '0000' + '5db8d822' + '0a420002' + '01bb1388' + '000b',
    );
    expect([...packet!.subarray(28)]).toEqual([1, 2, 3]);
  });

  test('put together again are the datagram, with the right checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.integer({ min: 576, max: 1_500 }), (data, mtu) => {
        const pieces = packets(data, mtu);
        const whole: number[] = [];
        pieces.forEach((packet, index) => {
          const view = new DataView(packet.buffer);
          expect(packet.length).toBeLessThanOrEqual(mtu);
          expect(view.getUint16(2)).toBe(packet.length);
          expect((view.getUint16(6) & 0x1fff) * 8).toBe(whole.length);
          expect((view.getUint16(6) & 0x2000) !== 0).toBe(index < pieces.length - 1);
          whole.push(...packet.subarray(20));
        });
        expect(whole.slice(8)).toEqual([...data]);
        expect(verify(Uint8Array.from(whole))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test('are none for more than a datagram can hold', () => {
    expect(packets(new Uint8Array(65_507)).length).toBeGreaterThan(40);
    expect(packets(new Uint8Array(65_508))).toEqual([]);
  });
});
