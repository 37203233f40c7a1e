import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useMemo } from 'react';
import { DataTable } from '#components/data-table/data-table.tsx';
import { PageHeader } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { notify } from '#lib/notify.ts';
import { AUDIT_COLUMNS } from './audit-columns.tsx';
import { AuditFilterBar, type AuditSearch, PERIODS } from './audit-filter-bar.tsx';
import { auditQuery } from './audit-queries.ts';
import { AuditSheet } from './audit-sheet.tsx';
import { useNamedEntries } from './use-named-entries.ts';

const route = getRouteApi('/shell/audit-log');

const NO_FILTERS: AuditSearch = {
  ...{ targetType: undefined, targetId: undefined },
  ...{ actor: undefined, period: undefined },
};

/** Who changed what, and when. */
export function AuditLogPage() {
  const search = route.useSearch();
  const { targetType, targetId, actor, period, entry: shownId } = search;
  const navigate = route.useNavigate();
  // Of the moment when the period was chosen: it does not move while one reads.
  const from = useMemo(() => period && hoursAgo(PERIODS[period].hours), [period]);
  const query = useInfiniteQuery(auditQuery({ targetType, targetId, actor, from }));
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useNamedEntries(data?.pages);
  const show = (change: AuditSearch & { entry?: string | undefined }): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const more = async (): Promise<void> => {
    const next = await fetchNextPage();
    if (next.isFetchNextPageError) notify.failed('Older entries could not be read', next.error);
  };
  return (
    <>
      <PageHeader title="Audit log" />
      <DataTable
        name="changes"
        columns={AUDIT_COLUMNS}
        rows={rows}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/audit-log', search: { ...search, entry: id } })}
        filters={
          <AuditFilterBar
            search={search}
            onChange={show}
            actorName={actor && rows?.find((row) => row.actor.id === actor)?.actor.name}
          />
        }
        isFiltered={[targetType, targetId, actor, period].some(Boolean)}
        onClearFilters={() => show(NO_FILTERS)}
        empty={
          <EmptyState icon={ScrollText} title="Nothing was changed yet">
            Every change and every sign-in is kept here for a year: who, from where, what, before and after.
          </EmptyState>
        }
      />
      {hasNextPage && (
        <div className="flex justify-center p-4">
          <Button busy={isFetchingNextPage} onClick={() => void more()}>
            Show older
          </Button>
        </div>
      )}
      <AuditSheet
        entry={rows?.find(({ id }) => id === shownId) ?? null}
        onClose={() => show({ entry: undefined })}
        onFilter={(filters) => show({ ...NO_FILTERS, ...filters, entry: undefined })}
      />
    </>
  );
}

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString();
}
