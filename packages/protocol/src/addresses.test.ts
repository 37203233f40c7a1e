import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostLiteral, parseHostLiteral, refusedReason } from './addresses.ts';
import { refusedSpellings, spellingsOf } from './refused-spellings.ts';

const STRICT = { allowPrivate: false };
const OPEN = { allowPrivate: true };

/** What an agent would do with a host: the reason of a refusal, `name` for a resolver, or the address to dial. */
function outcome(host: string, policy = STRICT): string {
  const literal = parseHostLiteral(host);
  if (literal.kind === 'refused') return `refused: ${literal.reason}`;
  if (literal.kind === 'localhost') return policy.allowPrivate ? 'loopback' : 'refused: localhost';
  if (literal.kind === 'name') return 'name';
  const reason = refusedReason(literal.address, policy);
  return reason ? `refused: ${reason}` : literal.address;
}

describe('addresses that customers may not reach', () => {
  const spellings = refusedSpellings();

  it('come in at least 200 spellings', () => {
    expect(spellings.length).toBeGreaterThanOrEqual(200);
  });

  it.each(spellings)('%s is refused', (spelling) => {
    expect(outcome(spelling)).toMatch(/^refused: /);
  });

  it.each(spellings)('%s is refused when a resolver answers it', (spelling) => {
    expect(refusedReason(spelling, STRICT)).not.toBeNull();
  });
});

describe('addresses that customers may reach', () => {
  it.each([
    ['8.8.8.8', '8.8.8.8'],
    ['93.184.216.34', '93.184.216.34'],
    ['172.15.255.255', '172.15.255.255'],
    ['172.32.0.1', '172.32.0.1'],
    ['100.63.255.255', '100.63.255.255'],
    ['100.128.0.1', '100.128.0.1'],
    ['223.255.255.255', '223.255.255.255'],
    ['8.8.2056', '8.8.8.8'],
    ['0x08080808', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['[2606:4700::1111]', '2606:4700::1111'],
    ['2606:4700:0:0:0:0:0:1111', '2606:4700::1111'],
    ['2A00:1450:4001::200E', '2a00:1450:4001::200e'],
    ['64:ff9b::8.8.8.8', '64:ff9b::808:808'],
  ])('%s is dialled as %s', (spelling, address) => {
    expect(outcome(spelling)).toBe(address);
    expect(refusedReason(address, STRICT)).toBeNull();
  });
});

describe('a device that allows private destinations', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '10.0.0.1',
    '192.168.0.1',
    '172.16.0.1',
    '169.254.0.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
    'fec0::1',
  ])('reaches %s', (host) => {
    expect(outcome(host, OPEN)).not.toMatch(/^refused/);
  });

  it.each([
    '0.0.0.0',
    '0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    'ff02::1',
    '::ffff:224.0.0.1',
    '64:ff9b::224.0.0.1',
    'fe80::1%eth0',
    '2002:e000:1::',
  ])('still does not reach %s', (host) => {
    expect(outcome(host, OPEN)).toMatch(/^refused/);
  });
});

describe('host names', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['metadata.google.internal', 'metadata.google.internal'],
    ['127.0.0.1.nip.io', '127.0.0.1.nip.io'],
    ['1e3', '1e3'],
  ])('%s is asked for as %s', (host, name) => {
    expect(parseHostLiteral(host)).toEqual({ kind: 'name', name });
  });

  it.each([
    '',
    '.',
    '..',
    'a..b',
    '.a',
    'a b',
    'a\tb',
    'a\0b',
    'a/b',
    'a@b',
    'a%2eb',
    '%31%32%37.0.0.1',
    'exa\nmple',
    `${'a'.repeat(64)}.com`,
    'a.'.repeat(200),
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.08',
    '0x',
    'foo.0x7f',
    '4294967296',
    '1:2',
    '[::1',
    '::1]',
    '[127.0.0.1]',
    '::ffff:0177.0.0.1',
    ':::',
    '１：：１',
    'a／b',
  ])('%j is refused', (host) => {
    expect(parseHostLiteral(host).kind).toBe('refused');
  });
});

describe('for any text', () => {
  const isName = (literal: HostLiteral): literal is HostLiteral & { kind: 'name' } => literal.kind === 'name';

  it('a name holds nothing that a resolver could read as a number', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-fx.:[\]%]{1,24}$/)),
        (text) => {
          const literal = parseHostLiteral(text);
          if (isName(literal)) {
            expect(literal.name).toMatch(/^[a-z0-9_.-]+$/);
            expect(literal.name).not.toMatch(/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/);
          }
          if (literal.kind === 'address') expect(parseHostLiteral(literal.address)).toEqual(literal);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('every private IPv4 address is refused in every spelling', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
    );
    fc.assert(
      fc.property(address, (octets) => {
        for (const spelling of spellingsOf(octets.join('.')))
          expect(outcome(spelling), spelling).toMatch(/^refused/);
      }),
    );
  });
});
