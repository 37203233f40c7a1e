import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { cn } from '#lib/cn.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import type { Column } from './table-columns.ts';

export interface TableRowProps<T> {
  readonly row: T;
  /** Place in the whole list, from 0. */
  readonly index: number;
  readonly columns: readonly Column<T>[];
  /** Where the row leads; `null` where it leads nowhere. */
  readonly link: Pick<LinkProps, 'to' | 'params' | 'search'> | null;
  readonly dimmed: boolean;
  readonly actions: ReactNode;
  readonly selection: {
    readonly checked: boolean;
    readonly onToggle: () => void;
    readonly label: string;
  } | null;
}

/** The whole row is the link of its first cell; what can be pressed in other cells lies above it. */
export function TableRow<T>({ row, index, columns, link, dimmed, actions, selection }: TableRowProps<T>) {
  return (
    <tr
      aria-rowindex={index + 2}
      className={cn(
        'group relative h-9 border-border border-b transition-colors focus-within:bg-hover hover:bg-hover',
        dimmed && 'text-muted',
      )}
    >
      {selection && (
        <td className="relative z-10 pl-4">
          <Checkbox
            checked={selection.checked}
            onCheckedChange={selection.onToggle}
            aria-label={`Select ${selection.label}`}
          />
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
              {...link}
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
          <span className="inline-flex items-center justify-end gap-1 opacity-0 transition-opacity focus-within:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
            {actions}
          </span>
        </td>
      )}
    </tr>
  );
}
