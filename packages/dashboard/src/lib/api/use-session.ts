import { queryOptions, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api } from './client.ts';
import { type SessionState, session } from './session.ts';

/** Who is signed in; renders anew when that changes. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** Account, role and permissions of whoever is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.get('/auth/me', { signal }),
});

/**
 * Tells whether a permission such as `devices:write` is given. While that is not known yet, nothing is: an action
 * rather appears late than vanishes.
 */
export function usePermissions(): (permission: string) => boolean {
  const { data } = useQuery(meQuery);
  return (permission) => data?.permissions.includes(permission) ?? false;
}
