import { expect, test } from 'vitest';
import { whyNot } from './abilities.ts';

const device = {
  capabilities: ['find_phone'],
  missingCapabilities: [{ name: 'reboot', reason: 'Not without root', fix: 'Root the phone' }],
  lastSeenAt: '2026-11-24T10:00:00Z',
};

test('an order that the phone knows is carried out; another says what is missing', () => {
  expect(whyNot(device, 'find_phone')).toBeNull();
  expect(whyNot(device, 'reboot')).toBe('Not without root. Root the phone');
  expect(whyNot(device, 'wifi_on')).toBe('Its agent does not know this order');
  expect(whyNot({ ...device, lastSeenAt: null }, 'wifi_on')).toBe('It has never been connected');
});
