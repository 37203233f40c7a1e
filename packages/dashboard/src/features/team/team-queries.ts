import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/** The live feed tells of none of these: each is read when its page is opened. */
const whenOpened = { staleTime: 0 };

/** Everybody who can sign in. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => api.all('/users', { signal }),
  ...whenOpened,
});

/** Links by which people make their own account. */
export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => api.all('/invitations', { signal }),
  ...whenOpened,
});

/** The operator's own organization and the customers. */
export const organizationsQuery = queryOptions({
  queryKey: ['organizations'],
  queryFn: ({ signal }) => api.all('/organizations', { signal }),
  ...whenOpened,
});

/** The caller's own keys; an administrator's, everybody's. */
export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => api.all('/api-keys', { signal }),
  ...whenOpened,
});
