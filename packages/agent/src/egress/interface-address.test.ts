import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { interfaceAddress } from './interface-address.ts';

describe('the address of an interface', () => {
  const info = (family: string, address: string) => ({ family, address }) as NetworkInterfaceInfo;
  const interfaces = {
    wwan0: [
      info('IPv4', '21.5.7.10'),
      info('IPv6', 'fe80::1'),
      info('IPv6', 'fd00::1'),
      info('IPv6', '2a10::1'),
      info('IPv6', '2a10::2'),
    ],
    bare: [info('IPv6', 'fe80::1')],
  };

  it('is a global one, and stays the same while it lasts', () => {
    expect(interfaceAddress('wwan0', 4, interfaces)).toBe('21.5.7.10');
    expect(interfaceAddress('wwan0', 6, interfaces)).toBe('2a10::1');
    expect(interfaceAddress('wwan0', 6, interfaces, '2a10::2')).toBe('2a10::2');
    expect(interfaceAddress('wwan0', 6, interfaces, '2a10::3')).toBe('2a10::1');
  });

  it('is none when the interface is down, or has only a link-local one', () => {
    expect(interfaceAddress('wwan1', 4, interfaces)).toBeNull();
    expect(interfaceAddress('bare', 4, interfaces)).toBeNull();
    expect(interfaceAddress('bare', 6, interfaces)).toBeNull();
  });
});
