import { MARGIN, type Mark, type PlotLayout, TICK_FONT_PX } from './plot-layout.ts';
import { barsPath, linePath } from './plot-paths.ts';
import type { PlotProps } from './series.ts';

/** Lines, marks and values of a chart. What it shows is in the table beside, so that it is hidden from screen readers. */
export function PlotDrawing({ layout, points, series, kind }: PlotProps & { readonly layout: PlotLayout }) {
  const { width, height, values, times } = layout;
  return (
    <svg aria-hidden width={width} height={height} className="absolute inset-0 overflow-visible">
      <g stroke="var(--border)" shapeRendering="crispEdges">
        {values.map(({ at, text }) => (
          <line key={text} x1={MARGIN.left} x2={width - MARGIN.right} y1={at} y2={at} />
        ))}
      </g>
      <g fill="var(--faint)" fontFamily="var(--font-mono)" fontSize={TICK_FONT_PX}>
        <ValueMarks marks={values} />
        <TimeMarks marks={times} height={height} />
      </g>
      {series.map(({ id, color }, place) =>
        kind === 'bar' ? (
          <path key={id} fill={color} d={barsPath(layout, points, id, place, series.length)} />
        ) : (
          <path
            key={id}
            d={linePath(layout, points, id)}
            fill="none"
            stroke={color}
            strokeWidth={1.5}
            strokeLinejoin="round"
            strokeLinecap="round"
          />
        ),
      )}
    </svg>
  );
}

function ValueMarks({ marks }: { readonly marks: readonly Mark[] }) {
  return marks.map(({ at, text }) => (
    <text key={text} x={MARGIN.left - 8} y={at} dy="0.32em" textAnchor="end">
      {text}
    </text>
  ));
}

function TimeMarks({ marks, height }: { readonly marks: readonly Mark[]; readonly height: number }) {
  return marks.map(({ at, text }) => (
    <text key={at} x={at} y={height - 6} textAnchor="middle">
      {text}
    </text>
  ));
}
