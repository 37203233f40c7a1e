import type { CommandType, DeviceView } from '@pocketproxy/protocol/api';

type Abilities = Pick<DeviceView, 'capabilities' | 'missingCapabilities' | 'lastSeenAt'>;

/** Why a phone does not carry out an order, with the step that changes it; `null` when it does. */
export function whyNot(device: Abilities, type: CommandType): string | null {
  const reason = missingReason(device, type);
  const fix = device.missingCapabilities.find(({ name }) => name === type)?.fix;
  return reason === null || fix === undefined ? reason : `${reason}. ${fix}`;
}

/** The same without the step. */
export function missingReason(device: Abilities, type: CommandType): string | null {
  if (device.capabilities.includes(type)) return null;
  const missing = device.missingCapabilities.find(({ name }) => name === type);
  if (missing) return missing.reason;
  // It tells what it can when it connects for the first time.
  return device.lastSeenAt === null ? 'It has never been connected' : 'Its agent does not know this order';
}
