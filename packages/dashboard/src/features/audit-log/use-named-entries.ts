import type { AuditEntryView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '#lib/api/queries.ts';
import type { Page } from '#lib/api/routes.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { type NamedEntry, nameIn } from './audit-words.ts';

/** All entries of some pages, with the names of what they are about where the change itself does not tell. */
export function useNamedEntries(
  pages: readonly Page<AuditEntryView>[] | undefined,
): readonly NamedEntry[] | undefined {
  const may = usePermissions();
  const { data: devices } = useQuery({ ...queries.devices(), enabled: may('devices:read') });
  const { data: connections } = useQuery({ ...queries.connections(), enabled: may('connections:read') });
  return useMemo(() => {
    const names = new Map([...(devices ?? []), ...(connections ?? [])].map(({ id, name }) => [id, name]));
    return pages
      ?.flatMap(({ items }) => items)
      .map((entry) => ({ ...entry, targetName: nameIn(entry) ?? names.get(entry.targetId ?? '') ?? null }));
  }, [pages, devices, connections]);
}
