import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/** Every channel. The live feed does not tell of them: they are read when looked at. */
export const channelsQuery = queryOptions({
  queryKey: ['notification-channels'],
  queryFn: ({ signal }) => api.all('/notification-channels', { signal }),
  staleTime: 0,
});

/** What was sent to a channel lately, the newest first. */
export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['notification-channels', id, 'deliveries'],
    queryFn: ({ signal }) =>
      api.get('/notification-channels/:id/deliveries', { id, query: { limit: 50 }, signal }),
    staleTime: 0,
  });
