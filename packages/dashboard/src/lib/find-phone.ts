import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from './api/client.ts';
import { notify } from './notify.ts';

const RING_SECONDS = 30;

/** Has a phone ring, for somebody who stands before a shelf of them. */
export function useFindPhone() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: { readonly id: string; readonly name: string }) =>
      api.post('/devices/:id/commands', {
        id,
        body: { type: 'find_phone', params: { seconds: RING_SECONDS } },
      }),
    onSuccess: (command, { name }) => {
      notify.done(`${name} is told to ring for ${RING_SECONDS} s`);
      void client.invalidateQueries({ queryKey: ['devices', command.deviceId, 'commands'] });
    },
    onError: (error, { name }) => notify.failed(`${name} was not told to ring`, error),
  });
}
