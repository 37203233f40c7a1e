import type { AuditEntryView } from '@pocketproxy/protocol/api';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { AuditFilters } from '../api/audit-filters.ts';
import type { Page } from '../api/routes.ts';

type Log = InfiniteData<Page<AuditEntryView>>;

/** Puts a new entry above the others, wherever the log is shown in a way that lets it through. */
export function auditRecorded(client: QueryClient, entry: AuditEntryView): void {
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['audit-log'] })) {
    const filters = queryKey[1] as AuditFilters | undefined;
    if (!letsThrough(filters ?? {}, entry)) continue;
    client.setQueryData<Log>(queryKey, (log) => log && withEntry(log, entry));
  }
}

/** Whether the server would show an entry to whoever filters like this. */
export function letsThrough(filters: AuditFilters, entry: AuditEntryView): boolean {
  const { actor, action, targetType, targetId, from } = filters;
  const wanted = [
    [actor, entry.actor.id],
    [action, entry.action],
    [targetType, entry.targetType],
    [targetId, entry.targetId],
  ];
  if (wanted.some(([filter, value]) => filter !== undefined && filter !== value)) return false;
  return from === undefined || Date.parse(entry.at) >= Date.parse(from);
}

function withEntry(log: Log, entry: AuditEntryView): Log {
  const [first, ...older] = log.pages;
  if (!first || first.items.some(({ id }) => id === entry.id)) return log;
  return { ...log, pages: [{ ...first, items: [entry, ...first.items] }, ...older] };
}
