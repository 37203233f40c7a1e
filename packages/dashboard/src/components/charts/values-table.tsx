import { cn } from '#lib/cn.ts';

/** One column of a table of values. */
export interface ValuesColumn<T> {
  readonly label: string;
  readonly text: (row: T) => string;
  /** Numbers go to the right, words are no figures. */
  readonly kind: 'word' | 'time' | 'number';
}

export interface ValuesTableProps<T> {
  readonly label: string;
  readonly columns: readonly ValuesColumn<T>[];
  /** Oldest first. */
  readonly rows: readonly T[];
  readonly rowId: (row: T) => string | number;
}

/** What a chart shows, to be read: the newest first, in a frame that scrolls. */
export function ValuesTable<T>({ label, columns, rows, rowId }: ValuesTableProps<T>) {
  return (
    <section
      className="max-h-80 overflow-y-auto rounded-md border border-border"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so it must be reached by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table className="w-full">
        <thead className="sticky top-0 bg-background text-faint text-xs">
          <tr>
            {columns.map(({ label: name, kind }) => (
              <th
                key={name}
                scope="col"
                className={cn('px-3 py-1.5 font-normal', kind === 'number' ? 'text-right' : 'text-left')}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={rowId(row)} className="border-border border-t">
              {columns.map(({ label: name, kind, text }) => (
                <td
                  key={name}
                  className={cn('px-3 py-1', kind !== 'word' && 'figures', kind === 'number' && 'text-right')}
                >
                  {text(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
