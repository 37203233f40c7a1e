import type { DeviceView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { changedFields, isEmpty, pickFields } from './changed-fields.ts';

const device = { name: 'Pixel', description: '', autoRotateMinutes: null, rotationRetries: 2 } as DeviceView;
const names = ['name', 'autoRotateMinutes', 'rotationRetries'] as const;

test('only what was changed is sent', () => {
  const values = pickFields(device, names);
  expect(isEmpty(changedFields(device, values, names))).toBe(true);
  expect(changedFields(device, { ...values, autoRotateMinutes: 30 }, names)).toEqual({
    autoRotateMinutes: 30,
  });
  expect(changedFields(device, { ...values, description: 'not of this form' }, names)).toEqual({});
});
