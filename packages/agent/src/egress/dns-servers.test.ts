import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDnsServer, SystemDnsServers } from './dns-servers.ts';

const ANY = { ipv4: 'any', ipv6: 'any' } as const;
const V4_ONLY = { ipv4: '21.5.7.10', ipv6: null } as const;

describe('the DNS servers', () => {
  let folder: string;
  let resolvConf: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-dns-'));
    resolvConf = join(folder, 'resolv.conf');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const servers = (...configured: string[]) =>
    new SystemDnsServers({ configured, clock: new FakeClock(), resolvConf });

  it('are those of the system, or the configured ones', async () => {
    await writeFile(
      resolvConf,
      '# by hand\nnameserver 9.9.9.9\nsearch example\nnameserver fe80::1%wlan0\nnameserver ::1\n',
    );
    expect(servers().for(ANY, false)).toEqual(['9.9.9.9', '::1']);
    expect(servers('8.8.8.8:5353').for(ANY, false)).toEqual(['8.8.8.8:5353']);
  });

  it('are never a program on this device when an egress interface is set', async () => {
    await writeFile(resolvConf, 'nameserver 127.0.0.53\n');
    expect(servers().for(ANY, false)).toEqual(['127.0.0.53']);
    for (const list of [servers(), servers('[::1]:53', '127.0.0.1:5300', '::ffff:127.0.0.1')]) {
      expect(() => list.for(V4_ONLY, true)).toThrow(expect.objectContaining({ code: 'egress_unavailable' }));
    }
    expect(servers('127.0.0.53', '9.9.9.9').for(V4_ONLY, true)).toEqual(['9.9.9.9']);
  });

  it.each(['192.168.1.7', '192.168.1.7:5300', '[2001:DB8:0::7]:53', '::ffff:192.168.1.7', '0.0.0.0', '::'])(
    'are never a program on this device at %s, one of its own addresses or none of anybody',
    (server) => {
      const ownAddresses = () => new Set(['192.168.1.7', '2001:db8::7']);
      const list = new SystemDnsServers({ configured: [server], clock: new FakeClock(), ownAddresses });
      expect(list.for(V4_ONLY, false)).toEqual([server]);
      expect(() => list.for({ ipv4: '21.5.7.10', ipv6: '2001:db8::7' }, true)).toThrow(
        /program on this device/,
      );
    },
  );

  it('are of a kind that the interface has an address of', () => {
    expect(servers('2620:fe::fe', '9.9.9.9').for(V4_ONLY, true)).toEqual(['9.9.9.9']);
    expect(() => servers('[2620:fe::fe]:53').for(V4_ONLY, true)).toThrow(
      expect.objectContaining({ code: 'egress_unavailable' }),
    );
  });

  it('are asked for when there are none', () => {
    expect(() => servers().for(ANY, false)).toThrow(/--dns-servers/);
  });

  it.each([
    ['9.9.9.9', true],
    ['9.9.9.9:53', true],
    ['2620:fe::fe', true],
    ['[2620:fe::fe]:53', true],
    ['[2620:fe::fe]', false],
    ['fe80::1%wlan0', false],
    ['9.9.9.9:99999', false],
    ['9.9.9.9:0', false],
    ['[fe80::1%wlan0]:53', false],
    ['dns.example', false],
    ['', false],
  ])('accept %j: %s', (text, accepted) => {
    expect(isDnsServer(text)).toBe(accepted);
  });
});
