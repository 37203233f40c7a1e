/**
 * Test material: ways to write addresses that no customer may reach. Unit tests and whole-system tests generate their
 * tables from it, so that every listener meets the same spellings.
 */

const V4_BASES = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.127.255.254',
  '198.18.0.1',
  '192.0.2.1',
  '0.0.0.0',
  '224.0.0.251',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
] as const;

const V6_NATIVE = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::0001',
  '0::1',
  '[::1]',
  '::1%lo',
  '::1%1',
  'fe80::1',
  'fe80::1%eth0',
  '[fe80::1%25eth0]',
  'febf::1',
  'fec0::1',
  'fc00::1',
  'fd00::1',
  'fdff:ffff::1',
  'ff02::1',
  'ff0e::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '2001:2::1',
  '5f00::1',
  '4000::1',
] as const;

const NAMES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'ｌｏｃａｌｈｏｓｔ',
  'ip.pocketproxy.internal.',
  'relay.pocketproxy.internal',
] as const;

/** Every spelling of one refused IPv4 address, dotted decimal first. */
export function spellingsOf(address: string): string[] {
  const octets = address.split('.').map(Number) as [number, number, number, number];
  return [...numericSpellings(octets), ...ipv6Spellings(octets)];
}

/** All of them, at least 200, each once. */
export function refusedSpellings(): string[] {
  return [...new Set([...V4_BASES.flatMap(spellingsOf), ...V6_NATIVE, ...NAMES])];
}

function numericSpellings(octets: readonly [number, number, number, number]): string[] {
  const [a, b, c, d] = octets;
  const dotted = octets.join('.');
  const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hex = value.toString(16).padStart(8, '0');
  const wide = (text: string, zero: number) =>
    text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  return [
    dotted,
    `${dotted}.`,
    String(value),
    `${value}.`,
    `0x${hex}`,
    `0X${hex.toUpperCase()}`,
    `0${value.toString(8)}`,
    octets.map((octet) => `0${octet.toString(8)}`).join('.'),
    octets.map((octet) => `000${octet.toString(8)}`).join('.'),
    octets.map((octet) => `0x${octet.toString(16)}`).join('.'),
    `0x${a.toString(16)}.${b}.0${c.toString(8)}.${d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `${a}.${(b << 16) | (c << 8) | d}`,
    `0x${a.toString(16)}.0x${((b << 16) | (c << 8) | d).toString(16)}`,
    wide(dotted, 0xff10),
    wide(dotted, 0x1d7ce),
    dotted.replaceAll('.', '\u3002'),
    dotted.replaceAll('.', '\uff0e'),
    `${dotted.slice(0, 1)}\u00ad${dotted.slice(1)}`,
  ];
}

function ipv6Spellings(octets: readonly [number, number, number, number]): string[] {
  const group = (high: number, low: number) => ((high << 8) | low).toString(16);
  const [a, b, c, d] = octets;
  const dotted = octets.join('.');
  const groups = `${group(a, b)}:${group(c, d)}`;
  const inverted = `${group(a ^ 0xff, b ^ 0xff)}:${group(c ^ 0xff, d ^ 0xff)}`;
  return [
    `::ffff:${dotted}`,
    `::FFFF:${groups}`,
    `[::ffff:${groups}]`,
    `0:0:0:0:0:ffff:${groups}`,
    `0000:0000:0000:0000:0000:ffff:${dotted}`,
    `::${dotted}`,
    `::${groups}`,
    `::ffff:0:${groups}`,
    `64:ff9b::${dotted}`,
    `64:ff9b::${groups}`,
    `64:ff9b:1::${dotted}`,
    `64:ff9b:1:${group(a, b)}:${group(0, c)}:${group(d, 0)}::`,
    `2002:${groups}::`,
    `2002:${groups}::1`,
    `2001:0:${groups}::${inverted}`,
    `2001:0:808:808::${inverted}`,
    `2606:4700::5efe:${groups}`,
    `2606:4700::200:5efe:${dotted}`,
  ];
}
