import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/** Every channel. */
export const channelsQuery = queryOptions({
  queryKey: ['notification-channels'],
  queryFn: ({ signal }) => api.all('/notification-channels', { signal }),
});

/** What was sent to a channel lately, the newest first. The live feed tells of tries, not of what is queued. */
export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['notification-channels', id, 'deliveries'],
    queryFn: ({ signal }) =>
      api.get('/notification-channels/:id/deliveries', { id, query: { limit: 50 }, signal }),
    staleTime: 0,
  });
