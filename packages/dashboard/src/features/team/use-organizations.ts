import type { OrganizationView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { usePermissions } from '#lib/api/use-session.ts';
import { organizationsQuery } from './team-queries.ts';

export interface Organizations {
  /** Of the operator and of customers, in words; `undefined` while it is read. */
  nameOf(id: string | null): string | undefined;
  readonly customers: readonly OrganizationView[];
}

/** Names of organizations, as far as the reader may see them. */
export function useOrganizations(): Organizations {
  const may = usePermissions();
  const { data } = useQuery({ ...organizationsQuery, enabled: may('organizations:read') });
  return useMemo(() => {
    const names = new Map(data?.map(({ id, name }) => [id, name]));
    return {
      nameOf: (id) => (id === null ? undefined : names.get(id)),
      customers: data?.filter(({ isDefault }) => !isDefault) ?? [],
    };
  }, [data]);
}
