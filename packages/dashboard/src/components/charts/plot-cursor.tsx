import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { NOTHING } from '#lib/format.ts';
import { MARGIN, type PlotLayout } from './plot-layout.ts';
import type { PlotProps, Zoom } from './series.ts';
import { zoomBetween, zoomInto } from './zoom.ts';

/** Between the point and its values. */
const AWAY_PX = 14;

type CursorProps = PlotProps & { readonly layout: PlotLayout };

/**
 * Tells the values of one point: that under the pointer, or the one that arrow keys, Page Up and Down, Home and End
 * have gone to. A mouse that is drawn over points shows these alone, as plus does with half of them and minus undoes. Keys
 * and screen readers have a slider over the points for all that, which cannot be seen.
 */
export function PlotCursor(props: CursorProps) {
  const { layout, points, label, onZoom, onShowAll } = props;
  const [chosen, setChosen] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const last = points.length - 1;
  // Points can have become fewer since.
  const index = chosen === null ? null : Math.min(chosen, last);
  const zoom = (to: Zoom | null): void => {
    setAnchor(null);
    if (to) onZoom(to);
  };
  const indexOf = ({ clientX, currentTarget }: PointerEvent): number =>
    layout.indexAt(clientX - currentTarget.getBoundingClientRect().left);
  const onPointerDown = (event: PointerEvent): void => {
    setChosen(indexOf(event));
    // A finger scrolls the page.
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setAnchor(indexOf(event));
  };
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') setChosen(null);
    else if (key === '+') zoom(zoomInto(points.length, index ?? last));
    else if (key === '-') onShowAll?.();
  };
  return (
    <div
      className="absolute inset-0 touch-pan-y select-none rounded-sm has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus"
      onPointerDown={onPointerDown}
      onPointerMove={(event) => setChosen(indexOf(event))}
      onPointerUp={(event) => anchor !== null && zoom(zoomBetween(anchor, indexOf(event)))}
      onPointerCancel={() => setAnchor(null)}
      onPointerLeave={() => setChosen(null)}
    >
      {anchor !== null && index !== null && <Marked layout={layout} zoom={zoomBetween(anchor, index)} />}
      {index !== null && <Pointed {...props} index={index} />}
      <input
        type="range"
        className="pointer-events-none absolute inset-0 size-full opacity-0"
        aria-label={`${label}, one by one`}
        aria-valuetext={textOf(props, index ?? last)}
        aria-description="Plus zooms in, minus shows the whole range"
        min={0}
        max={last}
        value={index ?? last}
        onChange={({ target }) => setChosen(target.valueAsNumber)}
        onFocus={() => setChosen((at) => at ?? last)}
        onBlur={() => setChosen(null)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** What a mouse has been drawn over so far. */
function Marked({ layout, zoom }: { readonly layout: PlotLayout; readonly zoom: Zoom | null }) {
  if (!zoom) return null;
  const [left, right] = [layout.x(zoom[0]) - layout.step / 2, layout.x(zoom[1]) + layout.step / 2];
  return (
    <span
      aria-hidden
      className="pointer-events-none absolute border-focus border-x bg-hover"
      style={{ left, width: right - left, top: MARGIN.top, bottom: MARGIN.bottom }}
    />
  );
}

function Pointed(props: CursorProps & { readonly index: number }) {
  const { layout, points, series, format, formatTime, kind, index } = props;
  const point = points[index];
  if (!point) return null;
  const x = layout.x(index);
  const band = kind === 'bar' ? Math.max(layout.step, 1) : 1;
  const isRight = x > layout.width / 2;
  return (
    <div aria-hidden className="pointer-events-none">
      <span
        className={kind === 'bar' ? 'absolute bg-hover' : 'absolute bg-border-strong'}
        style={{ left: x - band / 2, width: band, top: MARGIN.top, bottom: MARGIN.bottom }}
      />
      {kind === 'line' &&
        series.map(({ id, color }) => {
          const value = point.values[id];
          return typeof value === 'number' ? (
            <span
              key={id}
              className="absolute size-2 -translate-1/2 rounded-full"
              style={{ left: x, top: layout.y(value), background: color }}
            />
          ) : null;
        })}
      <div
        className="absolute top-1 z-10 rounded-md border border-border bg-overlay px-2.5 py-1.5 text-xs shadow-lg"
        style={isRight ? { right: layout.width - x + AWAY_PX } : { left: x + AWAY_PX }}
      >
        <p className="figures whitespace-nowrap text-muted">{formatTime(point.at)}</p>
        {series.map(({ id, label, color }) => (
          <p key={id} className="flex items-center gap-2 whitespace-nowrap">
            <span className="size-2 rounded-[2px]" style={{ background: color }} />
            {label}
            <span className="figures ml-auto pl-4">{valueText(point.values[id], format)}</span>
          </p>
        ))}
      </div>
    </div>
  );
}

/** `11-24 13:00: Download 1.2 GiB, Upload 300 MiB` */
function textOf({ points, series, format, formatTime }: CursorProps, index: number): string {
  const point = points[index];
  if (!point) return NOTHING;
  const values = series.map(({ id, label }) => `${label} ${valueText(point.values[id], format)}`);
  return `${formatTime(point.at)}: ${values.join(', ')}`;
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? NOTHING : format(value);
}
