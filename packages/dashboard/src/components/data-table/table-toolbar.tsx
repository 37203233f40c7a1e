import { Columns3, Search } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx';
import { Input } from '../ui/input.tsx';

export interface ColumnChoice {
  readonly id: string;
  readonly label: string;
  readonly shown: boolean;
}

export interface TableToolbarProps {
  /** What is searched, such as `devices`. */
  readonly name: string;
  readonly query: string;
  /** Absent where there is nothing to search. */
  readonly onQuery: ((query: string) => void) | null;
  readonly columns: readonly ColumnChoice[];
  readonly onToggle: (id: string) => void;
  /** Filters of the page. */
  readonly filters?: ReactNode;
}

/** Search, filters and the choice of columns. */
export function TableToolbar({ name, query, onQuery, columns, onToggle, filters }: TableToolbarProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-6 pb-3 max-md:px-4">
      {onQuery && <SearchField name={name} query={query} onQuery={onQuery} />}
      {filters}
      {columns.length > 0 && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" className="ml-auto">
              <Columns3 aria-hidden />
              Columns
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            {columns.map(({ id, label, shown }) => (
              <DropdownMenuCheckboxItem key={id} checked={shown} onCheckedChange={() => onToggle(id)}>
                {label}
              </DropdownMenuCheckboxItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
      )}
    </div>
  );
}

type SearchFieldProps = { name: string; query: string; onQuery: (query: string) => void };

/** Shows what is typed at once, whatever the URL takes. */
function SearchField({ name, query, onQuery }: SearchFieldProps) {
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  return (
    <div className="relative w-64 max-w-full">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <Input
        type="search"
        data-page-search
        aria-label={`Search ${name}`}
        placeholder={`Search ${name}`}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          onQuery(target.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (text === '') event.currentTarget.blur();
          setText('');
          onQuery('');
        }}
        className="pr-7 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {text === '' && (
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-1.5 right-2 rounded-sm border border-border px-1.5 font-mono text-faint text-xs"
        >
          /
        </kbd>
      )}
    </div>
  );
}
