import { expect, test } from 'vitest';
import { vpnNetwork } from '../domain/vpn.ts';
import { daemonConfig } from './daemon-config.ts';
import { daemonFiles } from './daemon-files.ts';

function config(host: string, folder = '/data/openvpn'): string[] {
  const files = daemonFiles(folder);
  const network = vpnNetwork('10.66.0.0/16');
  return daemonConfig({ network, files, listen: { host, port: 1194 }, maxClients: 9, runAs: null }).split(
    '\n',
  );
}

test('asks no script and no certificate, and lets nobody in without the relay', () => {
  const lines = config('192.0.2.1');
  for (const line of ['script-security 0', 'management-client-auth', 'management-hold', 'block-ipv6']) {
    expect(lines).toContain(line);
  }
  expect(lines).not.toContain('client-to-client');
});

test('answers from the address that was asked', () => {
  expect(config('192.0.2.1')).toEqual(expect.arrayContaining(['proto udp4', 'local 192.0.2.1']));
  expect(config('0.0.0.0')).toEqual(expect.arrayContaining(['proto udp4', 'multihome']));
  expect(config('::')).toEqual(expect.arrayContaining(['proto udp6', 'multihome']));
});

test('finds its files in a folder with any name', () => {
  expect(config('::', '/a "b" \\c')).toContain('ca "/a \\"b\\" \\\\c/ca.crt"');
});
