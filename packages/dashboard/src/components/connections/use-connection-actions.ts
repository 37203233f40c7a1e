import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';
import { plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { saveFile } from '#lib/save-file.ts';
import { useConnectionCache } from './connection-cache.ts';

/** What is done to a connection at once, with a message of what came of it. */
export function useConnectionActions() {
  const cache = useConnectionCache();
  const toggle = useMutation({
    mutationFn: ({ id, enabled }: ConnectionView) =>
      api.patch('/connections/:id', { id, body: { enabled: !enabled } }),
    onSuccess: (view, { openFlows }) => {
      cache.put(view);
      const ended = openFlows > 0 ? `${plural(openFlows, 'open flow')} ended` : undefined;
      if (view.enabled) notify.done(`${view.name} is enabled`);
      else notify.done(`${view.name} is disabled`, ended);
    },
    onError: (error, { name }) => notify.failed(`${name} was not changed`, error),
  });
  const download = useMutation({
    mutationFn: ({ id }: ConnectionView) => api.file('/connections/:id/ovpn', { id }),
    onSuccess: (file, { name }) => saveFile(`${name}.ovpn`, file),
    onError: (error, { name }) => notify.failed(`No file for ${name}`, error),
  });
  return { toggle, download };
}
