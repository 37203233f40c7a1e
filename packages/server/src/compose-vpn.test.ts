import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startVpn, type VpnDependencies } from './compose-vpn.ts';
import { TlsCryptKeys } from './services/tls-crypt-keys.ts';
import { CertificateAuthority } from './tunnel/certificate-authority.ts';

let dataDir: string;
const reportVpn = vi.fn(async () => {});
const startPath = vi.fn();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pp-vpn-'));
  reportVpn.mockClear();
});
afterEach(() => rm(dataDir, { recursive: true }));

async function start(config: Pick<VpnDependencies['config'], 'vpnListen' | 'vpnSubnet'>) {
  const clock = new FakeClock();
  const authority = await CertificateAuthority.open(join(dataDir, 'ca'), new Date(clock.now()));
  const vpn = await startVpn({
    ...{ config: { ...config, dataDir }, relayId: 'r1', authority, clock, log: silentLogger(), startPath },
    tlsCryptKeys: new TlsCryptKeys(Buffer.alloc(32)),
    admission: { admit: () => Promise.reject(new Error('unused')), readmit: async () => false },
    relays: { reportVpn },
  });
  return { vpn, authority };
}

test('tells that OpenVPN is off by the settings', async () => {
  const { vpn, authority } = await start({ vpnListen: null, vpnSubnet: '10.66.0.0/16' });
  const status = { state: 'off', reason: 'by POCKETPROXY_VPN_LISTEN=off' };
  expect(vpn.status).toEqual(status);
  expect(reportVpn).toHaveBeenCalledExactlyOnceWith('r1', status, authority.certificatePem);
  await vpn.stop();
});

test('tells what keeps OpenVPN from working and how to change that, and touches nothing', async () => {
  const { vpn } = await start({ vpnListen: { host: '127.0.0.1', port: 1194 }, vpnSubnet: '127.0.0.0/8' });
  expect(vpn.status).toMatchObject({
    state: 'off',
    reason: expect.stringMatching(/in use on this host.*\(set POCKETPROXY_VPN_SUBNET|not found|Linux/),
  });
  expect(startPath).not.toHaveBeenCalled();
  await vpn.stop();
});
