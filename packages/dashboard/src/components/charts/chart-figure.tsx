import { type ReactNode, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import type { Series } from './series.ts';

export interface ChartFigureProps {
  readonly label: string;
  /** Beside the label: a sum, such as `99.2 % online`. */
  readonly summary?: string | undefined;
  readonly legend: readonly Series[];
  /** A button beside the choice of picture or table. */
  readonly action?: ReactNode;
  /** Room of the picture in pixels; the table may be higher. */
  readonly height: number;
  readonly picture: ReactNode;
  /** The same to be read. */
  readonly table: ReactNode;
}

/** A picture with what it shows above it, which can be read as a table instead. */
export function ChartFigure({ label, summary, legend, action, height, picture, table }: ChartFigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure aria-labelledby={id} className="flex min-w-0 flex-col gap-2">
      <figcaption className="flex min-h-7 flex-wrap items-center gap-x-4 text-xs">
        <span id={id} className="text-muted">
          {label}
          {summary !== undefined && <span className="figures text-foreground"> {summary}</span>}
        </span>
        <Legend items={legend} />
        <span className="ml-auto flex">
          {action}
          <Button variant="ghost" size="sm" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show chart' : 'Show table'}
          </Button>
        </span>
      </figcaption>
      <div style={{ minHeight: height }}>{asTable ? table : picture}</div>
    </figure>
  );
}

/** Stands where a picture has nothing to show. */
export function NothingToDraw({ height }: { readonly height: number }) {
  return (
    <p className="grid place-items-center text-faint" style={{ height }}>
      Nothing in this time
    </p>
  );
}

function Legend({ items }: { readonly items: readonly Series[] }) {
  return (
    <ul className="flex flex-wrap gap-3 text-muted">
      {items.map(({ id, label, color }) => (
        <li key={id} className="flex items-center gap-1.5">
          <span aria-hidden className="size-2 rounded-[2px]" style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
