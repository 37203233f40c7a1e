import { expect, test } from 'vitest';
import { vpnNetwork } from '../domain/vpn.ts';
import { overlaps } from './obstacles.ts';

test.each([
  ['10.66.3.0/24', true],
  ['10.66.0.1', true],
  ['10.0.0.0/8', true],
  ['10.67.0.0/16', false],
  ['192.168.1.7', false],
  ['default', false],
  ['0.0.0.0/0', false],
  ['fd00::/8', false],
])('a route to %s clashes with 10.66.0.0/16: %s', (destination, expected) => {
  expect(overlaps(destination, '10.66.0.0/16')).toBe(expected);
});

test('a network says which address is the relay and which interface it has', () => {
  expect(vpnNetwork('172.20.16.0/20')).toEqual({
    subnet: '172.20.16.0/20',
    netmask: '255.255.240.0',
    serverAddress: '172.20.16.1',
    interface: 'pptun-ac141000',
  });
});
