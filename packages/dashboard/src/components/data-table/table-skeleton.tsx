import { cn } from '#lib/cn.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import type { Column } from './table-columns.ts';
import { ROW } from './table-layout.ts';

/** How wide the bars are, so that they look like text. */
const WIDTHS = ['w-3/4', 'w-1/2', 'w-2/3', 'w-3/5'];

interface TableSkeletonProps<T> {
  readonly columns: readonly Column<T>[];
  /** Whether boxes come first. */
  readonly hasBoxes: boolean;
  readonly rows: number;
}

/** Rows that stand in for what comes. */
export function TableSkeleton<T>({ columns, hasBoxes, rows }: TableSkeletonProps<T>) {
  return (
    <tbody aria-hidden className="block">
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <tr key={row} className={`${ROW} h-9 border-border border-b`}>
          {hasBoxes && <td />}
          {columns.map(({ id, align }, at) => (
            <td key={id} className="px-2">
              <Skeleton
                className={cn('h-3', WIDTHS[(row + at) % WIDTHS.length], align === 'right' && 'ml-auto')}
              />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}
