import { ListFilter } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx';
import type { FilterOption } from './filter-options.ts';
import { filterText, filterValues } from './filter-values.ts';

export interface FilterMenuProps {
  /** What is filtered by, such as `Status`. */
  readonly label: string;
  readonly options: readonly FilterOption[];
  /** As it is in the URL. */
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** Keeps rows that have one of the chosen values; all of them while none is chosen. */
export function FilterMenu({ label, options, value, onChange }: FilterMenuProps) {
  const chosen = filterValues(value);
  const toggle = (option: string): void => {
    const next = new Set(chosen);
    if (!next.delete(option)) next.add(option);
    onChange(filterText(next));
  };
  const [only] = chosen;
  const summary =
    chosen.size === 1 ? (options.find((each) => each.value === only)?.label ?? only) : chosen.size;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant={chosen.size > 0 ? 'secondary' : 'ghost'}>
          <ListFilter aria-hidden />
          <span className="sr-only">Filter by</span>
          {label}
          {chosen.size > 0 && <span className="text-muted">{summary}</span>}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="max-h-80 overflow-y-auto">
        {options.map((option) => (
          <DropdownMenuCheckboxItem
            key={option.value}
            className="relative"
            checked={chosen.has(option.value)}
            onCheckedChange={() => toggle(option.value)}
          >
            <span className="truncate">{option.label}</span>
            <span className="figures ml-auto pl-6 text-faint">{option.count}</span>
          </DropdownMenuCheckboxItem>
        ))}
        {options.length === 0 && <DropdownMenuItem disabled>Nothing to choose from</DropdownMenuItem>}
        {chosen.size > 0 && (
          <>
            <DropdownMenuSeparator />
            <DropdownMenuItem onSelect={() => onChange(undefined)}>Clear</DropdownMenuItem>
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
