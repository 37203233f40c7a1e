import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/** Everybody who can sign in. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => api.all('/users', { signal }),
});

/** Links by which people make their own account. */
export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => api.all('/invitations', { signal }),
});

/** The operator's own organization and the customers. */
export const organizationsQuery = queryOptions({
  queryKey: ['organizations'],
  queryFn: ({ signal }) => api.all('/organizations', { signal }),
});

/** The caller's own keys; an administrator's, everybody's. */
export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => api.all('/api-keys', { signal }),
});
