import type { DeviceView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';

export interface DeleteDeviceProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly device: DeviceView;
}

/** Deletes a phone after telling what goes with it, and leaves its page. */
export function DeleteDevice({ open, onOpenChange, device }: DeleteDeviceProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const dependants = useDependants(device.id, open);
  const confirm = async (): Promise<void> => {
    await api.delete('/devices/:id', { id: device.id });
    notify.done(`Device ${device.name} deleted`);
    await navigate({ to: '/devices', replace: true });
    client.removeQueries({ queryKey: ['devices', device.id] });
    void client.invalidateQueries({ queryKey: ['devices'], exact: true });
  };
  return (
    <ConfirmDelete
      kind="device"
      name={device.name}
      {...{ open, onOpenChange, dependants }}
      onConfirm={confirm}
    >
      <p className="text-muted">The agent on the phone is told that it is not paired any more.</p>
    </ConfirmDelete>
  );
}

function useDependants(deviceId: string, enabled: boolean): string[] {
  const may = usePermissions();
  const { data: connections } = useQuery({
    ...queries.connections(),
    enabled: enabled && may('connections:read'),
  });
  const { data: links } = useQuery({
    ...queries.rotationLinks(),
    enabled: enabled && may('rotation-links:read'),
  });
  const own = connections?.filter((each) => each.deviceId === deviceId) ?? [];
  const ownLinks = links?.filter((each) => each.deviceId === deviceId) ?? [];
  const ports = own.map(({ port }) => port).toSorted((a, b) => a - b);
  return [
    ...(own.length > 0
      ? [`${plural(own.length, 'connection')}, whose customers lose access: ${portsText(ports)}`]
      : []),
    ...(ownLinks.length > 0
      ? [
          `${plural(ownLinks.length, 'rotation link')}, which ${ownLinks.length === 1 ? 'stops' : 'stop'} working`,
        ]
      : []),
    'Its history of addresses, samples and commands',
  ];
}

const SHOWN_PORTS = 6;

function portsText(ports: readonly number[]): string {
  const shown = ports.slice(0, SHOWN_PORTS).join(', ');
  const more = ports.length - SHOWN_PORTS;
  return `port${ports.length === 1 ? '' : 's'} ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
