import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { AuditFilters } from '#lib/api/audit-filters.ts';
import { api } from '#lib/api/client.ts';

const PAGE_SIZE = 100;

/** The log, newest first, page after page. The live feed puts new entries above the others. */
export const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit-log', filters],
    queryFn: ({ pageParam, signal }) =>
      api.get('/audit-log', {
        query: { ...filters, limit: PAGE_SIZE, ...(pageParam !== null && { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
