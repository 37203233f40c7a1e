import type { CommandView } from '@pocketproxy/protocol/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { commandLabel } from './use-command.ts';

/** Takes back a command that still waits for its phone; nothing where it does not wait any more. */
export function CancelCommand({ command }: { readonly command: CommandView }) {
  const { id, deviceId, status } = command;
  const client = useQueryClient();
  const label = commandLabel(command.type);
  const cancel = useMutation({
    mutationFn: () => api.post('/commands/:id/cancel', { id }),
    onSuccess: () => notify.done(`${label}: cancelled`, 'The phone will not get it.'),
    onError: (error) => notify.failed(`${label} could not be cancelled`, error),
    onSettled: () => client.invalidateQueries({ queryKey: ['devices', deviceId, 'commands'] }),
  });
  if (status !== 'pending') return null;
  return (
    <Button variant="ghost" size="sm" busy={cancel.isPending} onClick={() => cancel.mutate()}>
      {!cancel.isPending && <X aria-hidden />}
      Cancel
      <span className="sr-only">{label}</span>
    </Button>
  );
}
