import type { CommandType, CommandView, DeviceView } from '@pocketproxy/protocol/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';

/** What each order is called on buttons and in lists. */
export const COMMAND_LABELS: Readonly<Record<CommandType, string>> = {
  rotate_ip: 'Rotate',
  find_phone: 'Find phone',
  reboot: 'Reboot',
  wifi_on: 'Turn Wi-Fi on',
  wifi_off: 'Turn Wi-Fi off',
  restart_agent: 'Restart agent',
  update_agent: 'Update agent',
};

/** The name of an order that may come from a newer server. */
export function commandLabel(type: string): string {
  return COMMAND_LABELS[type as CommandType] ?? type;
}

/** Longer than nearly every order takes; what takes longer is told by the list of commands. */
const WAIT_SECONDS = 100;

export interface Order {
  readonly type: CommandType;
  /** `find_phone`: for how many seconds it rings. */
  readonly seconds?: number;
}

/** Gives a phone an order, and tells what came of it; or that it waits while the phone is away. */
export function useCommand(device: Pick<DeviceView, 'id' | 'name' | 'status'>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ type, seconds }: Order) => {
      const params = seconds === undefined ? {} : { seconds };
      const command = await api.post('/devices/:id/commands', { id: device.id, body: { type, params } });
      void client.invalidateQueries({ queryKey: ['devices', device.id, 'commands'] });
      if (device.status === 'offline') return command;
      return await api.get('/commands/:id', { id: command.id, query: { waitSeconds: WAIT_SECONDS } });
    },
    onSuccess: (command) => tellOutcome(device.name, command),
    onError: (error, { type }) =>
      notify.failed(`${COMMAND_LABELS[type]}: ${device.name} did not take it`, error),
  });
}

function tellOutcome(name: string, { type, status, cancelled, output, reason }: CommandView): void {
  const label = commandLabel(type);
  // Whoever cancelled it was told so.
  if (cancelled) return;
  switch (status) {
    case 'succeeded':
      notify.done(`${label}: done on ${name}`, output ?? undefined);
      return;
    case 'failed':
    case 'expired':
      notify.failed(`${label}: ${status} on ${name}${reason === null ? '' : `. ${reason}`}`);
      return;
    default:
      notify.done(`${label}: waits for ${name}`, 'It is carried out as soon as the phone takes it.');
  }
}
