import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/** Where the caller is signed in. The live feed does not tell of it: it is read when looked at. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => api.get('/auth/sessions', { signal }),
  staleTime: 0,
});
