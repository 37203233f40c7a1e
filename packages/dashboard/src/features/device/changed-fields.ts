import type { DeviceView, UpdateDeviceBody } from '@pocketproxy/protocol/api';

type FieldName = keyof UpdateDeviceBody;

/** The fields of a device that a form edits. */
export function pickFields(device: DeviceView, names: readonly FieldName[]): UpdateDeviceBody {
  return Object.fromEntries(names.map((name) => [name, device[name]]));
}

/** Those of `values` that differ from the device, so that nothing else is overwritten. */
export function changedFields(
  device: DeviceView,
  values: UpdateDeviceBody,
  names: readonly FieldName[],
): UpdateDeviceBody {
  return Object.fromEntries(
    names.filter((name) => values[name] !== device[name]).map((name) => [name, values[name]]),
  );
}

/** Whether there is nothing to send. */
export function isEmpty(fields: UpdateDeviceBody): boolean {
  return Object.keys(fields).length === 0;
}
