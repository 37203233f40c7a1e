import { cn } from '#lib/cn.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import type { Column } from './table-columns.ts';

/** How wide the bars are, so that they look like text. */
const WIDTHS = ['w-3/4', 'w-1/2', 'w-2/3', 'w-3/5'];

interface TableSkeletonProps<T> {
  readonly columns: readonly Column<T>[];
  /** Columns without a heading. */
  readonly extra: number;
  readonly rows: number;
}

/** Rows that stand in for what comes. */
export function TableSkeleton<T>({ columns, extra, rows }: TableSkeletonProps<T>) {
  return (
    <tbody aria-hidden>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <tr key={row} className="h-9 border-border border-b">
          {columns.map(({ id, align }, at) => (
            <td key={id} className="px-2 first:pl-6 last:pr-6">
              <Skeleton
                className={cn('h-3', WIDTHS[(row + at) % WIDTHS.length], align === 'right' && 'ml-auto')}
              />
            </td>
          ))}
          {Array.from({ length: extra }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
            <td key={at} />
          ))}
        </tr>
      ))}
    </tbody>
  );
}
