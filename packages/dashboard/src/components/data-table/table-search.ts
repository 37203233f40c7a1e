import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { z } from 'zod';

/** What a table keeps in the URL. Extend it by the filters of a page and give it to its route as `validateSearch`. */
export const tableSearchSchema = z.object({
  /** Text that rows must contain. */
  q: z.string().optional().catch(undefined),
  /** Id of a column, with a dash before it when descending. */
  sort: z.string().optional().catch(undefined),
  /** Ids of the columns that differ from the usual choice, with commas. */
  cols: z.string().optional().catch(undefined),
});

export type TableSearch = z.infer<typeof tableSearchSchema>;

/** The table's part of the URL, and how it is changed: each filter that is typed replaces the entry in the history. */
export function useTableSearch(): readonly [TableSearch, (change: TableSearch) => void] {
  const search = useSearch({ strict: false }) as TableSearch;
  const navigate = useNavigate();
  const change = useCallback(
    (next: TableSearch) =>
      void navigate({
        to: '.',
        search: ((old: object) => dropEmpty({ ...old, ...next })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return [search, change];
}

/** Without what says nothing, so that links are short. */
function dropEmpty(search: object): object {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  );
}
