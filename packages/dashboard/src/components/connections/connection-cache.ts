import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '#lib/api/queries.ts';

/** Brings an answer about a connection to everything on the screen, before the live feed does. */
export function useConnectionCache() {
  const client = useQueryClient();
  return useMemo(() => {
    const change = (to: (list: ConnectionView[]) => ConnectionView[]): void =>
      void client.setQueryData<ConnectionView[]>(queries.connections().queryKey, (list) => list && to(list));
    return {
      put: (view: ConnectionView): void => {
        client.setQueryData<ConnectionView>(queries.connection(view.id).queryKey, view);
        change((list) => [...list.filter(({ id }) => id !== view.id), view].toSorted(byAge));
      },
      drop: ({ id }: ConnectionView): void => change((list) => list.filter((each) => each.id !== id)),
    };
  }, [client]);
}

/** As the API lists them: ids begin with the time. */
function byAge(a: ConnectionView, b: ConnectionView): number {
  return a.id < b.id ? -1 : 1;
}
