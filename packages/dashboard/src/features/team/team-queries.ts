import { queryOptions } from '@tanstack/react-query';
import { api } from '#lib/api/client.ts';

/**
 * For what the live feed does not tell everything of: when a key was used last, what a customer owns, and that the time
 * of an invitation is over.
 */
const whenOpened = { staleTime: 0 };

/** Everybody who can sign in. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => api.all('/users', { signal }),
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
