import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';
import { formatDuration } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { deliveriesQuery } from './notification-queries.ts';

/** Sends a message now and tells what became of it. */
export function useTestChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: { readonly id: string; readonly name: string }) =>
      api.post('/notification-channels/:id/test', { id }),
    onSuccess: ({ delivered, error, durationMs }, { id, name }) => {
      const took = formatDuration(durationMs);
      if (delivered) notify.done(`Test message delivered to ${name} in ${took}`);
      else notify.failed(`Test message to ${name} was not delivered: ${error ?? 'no reason was told'}`);
      void client.invalidateQueries({ queryKey: deliveriesQuery(id).queryKey });
    },
    onError: (error, { name }) => notify.failed(`No test message was sent to ${name}`, error),
  });
}
