import type { DeviceView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '#lib/api/queries.ts';
import type { Choice } from './form/pick-field.tsx';

/** All phones to choose from, those that are online first; `undefined` while they are read. */
export function useDeviceChoices(): readonly Choice[] | undefined {
  const { data } = useQuery(queries.devices());
  return useMemo(() => data?.toSorted(byUse).map(choiceOf), [data]);
}

function byUse(a: DeviceView, b: DeviceView): number {
  const away = (device: DeviceView): number => (device.status === 'online' ? 0 : 1);
  return away(a) - away(b) || a.name.localeCompare(b.name, undefined, { numeric: true });
}

function choiceOf({ id, name, status, exitIp }: DeviceView): Choice {
  return { value: id, label: name, detail: status === 'online' ? (exitIp ?? 'online') : status };
}
