import { Link, type LinkProps } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import { cn } from '#lib/cn.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import type { Column } from './table-columns.ts';

export type RowLink = Pick<LinkProps, 'to' | 'params' | 'search'>;

export interface TableRowProps<T> {
  readonly row: T;
  readonly id: string;
  /** Place in the whole list, from 0. */
  readonly index: number;
  readonly columns: readonly Column<T>[];
  /** Where the row leads; without it, it leads nowhere. */
  readonly link: ((row: T) => RowLink) | undefined;
  readonly dimmed: boolean;
  readonly actions: ((row: T) => ReactNode) | undefined;
  /** Its box, where rows can be selected; must stay the same function. */
  readonly onToggle: ((id: string) => void) | undefined;
  readonly checked: boolean;
  /** What it is called, for the name of its box. */
  readonly name: string;
}

/**
 * The whole row is the link of its first cell; what can be pressed in other cells lies above it. Hundreds of events a
 * second and scrolling draw only the rows that have changed: functions among the properties should stay the same.
 */
export const TableRow = memo(Row) as typeof Row;

function Row<T>(props: TableRowProps<T>) {
  const { row, id, index, columns, link, dimmed, actions, onToggle, checked, name } = props;
  return (
    <tr
      aria-rowindex={index + 2}
      className={cn(
        'group relative h-9 border-border border-b focus-within:bg-hover hover:bg-hover',
        dimmed && 'text-muted',
      )}
    >
      {onToggle && (
        <td className="relative z-10 pl-4">
          <Checkbox checked={checked} onCheckedChange={() => onToggle(id)} aria-label={`Select ${name}`} />
        </td>
      )}
      {columns.map((column, at) => (
        <td
          key={column.id}
          className={cn(
            'truncate px-2 first:pl-6 last:pr-6 max-md:last:pr-4 max-md:first:pl-4 [&_a]:z-10 [&_button]:relative [&_button]:z-10',
            column.align === 'right' && 'text-right',
          )}
        >
          {at === 0 && link ? (
            <Link
              {...link(row)}
              data-row={index}
              className="font-medium text-foreground outline-none after:absolute after:inset-0 after:rounded-sm focus-visible:after:outline-2 focus-visible:after:outline-focus focus-visible:after:-outline-offset-2"
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
      {actions !== undefined && (
        <td className="relative z-10 pr-6 text-right max-md:pr-4">
          <span className="inline-flex items-center justify-end gap-1 opacity-0 focus-within:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
            {actions(row)}
          </span>
        </td>
      )}
    </tr>
  );
}
