import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalHost, readSocksAddress, writeSocksAddress } from './socks-address.ts';
import { decodeUdpDatagram, encodeUdpDatagram } from './udp-datagram.ts';

const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((text) => canonicalHost(text)!),
  fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.')),
);
const datagram = fc.record({ host, port: fc.nat(65_535), data: fc.uint8Array({ maxLength: 1500 }) });

function bytes(...parts: (number[] | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((p) => (typeof p === 'string' ? [...p].map((c) => c.charCodeAt(0)) : p)),
  );
}

describe('SOCKS5 UDP datagrams', () => {
  test('come back as they were sent', () => {
    fc.assert(
      fc.property(datagram, (sent) => {
        const got = decodeUdpDatagram(encodeUdpDatagram(sent));
        expect(got).toEqual(sent);
      }),
    );
  });

  test('have the layout of RFC 1928 section 7', () => {
    const data = Uint8Array.of(9, 8);
    expect(encodeUdpDatagram({ host: '192.0.2.1', port: 53, data })).toEqual(
      bytes([0, 0, 0, 1, 192, 0, 2, 1, 0, 53, 9, 8]),
    );
    expect(encodeUdpDatagram({ host: 'a.b', port: 258, data })).toEqual(
      bytes([0, 0, 0, 3, 3], 'a.b', [1, 2, 9, 8]),
    );
    expect(encodeUdpDatagram({ host: '2001:db8::1', port: 1, data })).toEqual(
      bytes([0, 0, 0, 4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 9, 8]),
    );
  });

  test('never throw on random bytes, and decode to a host that can be encoded again', () => {
    const looksRight = fc.tuple(fc.constantFrom(1, 3, 4), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          looksRight.map(([type, rest]) => bytes([0, 0, 0, type], [...rest])),
        ),
        (input) => {
          const got = decodeUdpDatagram(input);
          if (got) expect(decodeUdpDatagram(encodeUdpDatagram(got))).toEqual(got);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a fragment', bytes([0, 0, 1, 1, 1, 2, 3, 4, 0, 53])],
    ['a reserved byte set', bytes([0, 1, 0, 1, 1, 2, 3, 4, 0, 53])],
    ['an unknown address type', bytes([0, 0, 0, 2, 1, 2, 3, 4, 0, 53])],
    ['an empty name', bytes([0, 0, 0, 3, 0, 0, 53])],
    ['a name with a NUL', bytes([0, 0, 0, 3, 3], 'a\0b', [0, 53])],
    ['a name with a line break', bytes([0, 0, 0, 3, 4], 'a\r\nb', [0, 53])],
    ['a name with a port inside', bytes([0, 0, 0, 3, 4], 'a:80', [0, 53])],
    ['nothing', bytes([])],
    ['a cut address', bytes([0, 0, 0, 1, 1, 2, 3])],
    ['a cut port', bytes([0, 0, 0, 1, 1, 2, 3, 4, 0])],
  ])('with %s are dropped', (_, input) => {
    expect(decodeUdpDatagram(input)).toBeNull();
  });

  test('may be empty', () => {
    expect(decodeUdpDatagram(bytes([0, 0, 0, 1, 1, 2, 3, 4, 0, 53]))?.data).toHaveLength(0);
  });

  test('write an IPv4-mapped sender as IPv4', () => {
    const encoded = encodeUdpDatagram({ host: '::ffff:192.0.2.7', port: 1, data: new Uint8Array(0) });
    expect(decodeUdpDatagram(encoded)?.host).toBe('192.0.2.7');
  });

  test('lose the zone of a link-local sender', () => {
    const encoded = encodeUdpDatagram({ host: 'fe80::1%eth0', port: 1, data: new Uint8Array(0) });
    expect(decodeUdpDatagram(encoded)?.host).toBe('fe80::1');
  });
});

describe('SOCKS addresses', () => {
  test('are incomplete until their last byte, whatever follows them', () => {
    fc.assert(
      fc.property(host, fc.nat(65_535), fc.uint8Array({ maxLength: 20 }), (name, port, tail) => {
        const encoded = writeSocksAddress(name, port);
        for (let length = 0; length < encoded.length; length += 1) {
          expect(readSocksAddress(encoded.subarray(0, length), 0)).toBe('incomplete');
        }
        const longer = Uint8Array.from([...encoded, ...tail]);
        expect(readSocksAddress(longer, 0)).toEqual({ host: name, port, end: encoded.length });
      }),
    );
  });

  test.each([
    ['EXAMPLE.com', 'example.com'],
    ['[2001:DB8:0:0::1]', '2001:db8::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::1.2.3.4', '::102:304'],
    ['0x7f.1', '0x7f.1'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalHost(text)).toBe(canonical);
  });

  test.each([
    '',
    'a b',
    'user@host',
    'a/b',
    'a:80',
    '[::1',
    '[a]',
    'fe80::1%eth0',
    'a\0',
    'ü.example',
    '*',
    '::g',
    'a%41',
  ])('%j is no host', (text) => {
    expect(canonicalHost(text)).toBeNull();
  });

  test('refuse to write what they cannot carry', () => {
    expect(() => writeSocksAddress('a b', 1)).toThrow(RangeError);
    expect(() => writeSocksAddress('x'.repeat(256), 1)).toThrow(RangeError);
  });
});
