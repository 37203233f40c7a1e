import { FlowError } from '@pocketproxy/protocol';
import { expect, it } from 'vitest';
import type { VpnAdmission, VpnAdmitted } from '../domain/vpn.ts';
import { MeteredAdmission } from './metered-admission.ts';

it('counts VPN clients that are let in and those that are refused, with the reason', async () => {
  const admitted = { leave: () => {} } as VpnAdmitted;
  const outcomes = [async () => admitted, () => Promise.reject(new FlowError('device_offline'))];
  const inner = { admit: () => outcomes.shift()!() } as unknown as VpnAdmission;
  const counted: string[] = [];
  const admission = new MeteredAdmission(inner, {
    vpnSessionOpened: () => counted.push('opened'),
    flowRefused: (code) => counted.push(code),
  });
  const login = { username: 'alice', password: 'secret', address: '198.51.100.7' };
  expect(await admission.admit(login, () => {})).toBe(admitted);
  await expect(admission.admit(login, () => {})).rejects.toMatchObject({ code: 'device_offline' });
  expect(counted).toEqual(['opened', 'device_offline']);
});
