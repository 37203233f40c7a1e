import { type ConnectionView, updateConnectionBodySchema } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { useConnectionCache } from '#components/connections/connection-cache.ts';
import { type ApiForm, useApiForm } from '#components/form/use-api-form.ts';
import { hasCode } from '#lib/api/api-error.ts';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { notify } from '#lib/notify.ts';

export type Changes = z.input<typeof updateConnectionBodySchema>;

/**
 * A form of some fields of a connection. It is sent with the version that was read, so that nobody's change is
 * overwritten unseen: then the connection is read again, and the form shows what it is now.
 */
export function useConnectionForm(
  connection: ConnectionView,
  values: Changes,
  done: string,
): ApiForm<Changes> {
  const cache = useConnectionCache();
  const client = useQueryClient();
  return useApiForm({
    schema: updateConnectionBodySchema,
    values,
    onSubmit: async (body) => {
      const { id, version, name } = connection;
      try {
        cache.put(await api.patch('/connections/:id', { id, body, version }));
        notify.done(`${body.name ?? name}: ${done}`);
      } catch (error) {
        if (!hasCode(error, 'precondition_failed')) throw error;
        notify.failed(`Somebody else has just changed ${name}. Look at what it is now, then save again.`);
        await client.invalidateQueries({ queryKey: queries.connection(id).queryKey, exact: true });
      }
    },
  });
}
