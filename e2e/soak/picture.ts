import { svgText } from '../harness/svg-text.ts';

/** One line of a picture. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  /** Seconds and value. */
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 900;
const PANEL = 150;
const MARGIN = { left: 70, right: 20, top: 34, bottom: 22 };
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

/** Panels below one another over one axis of time, as SVG. `marks`: seconds at which something is said to have begun. */
export function drawPicture(
  heading: string,
  panels: readonly Series[],
  marks: readonly (readonly [number, string])[] = [],
): string {
  const end = Math.max(1, ...panels.flatMap(({ points }) => points.map(([at]) => at)));
  const height = 30 + panels.length * PANEL;
  const drawn = panels.map((panel, index) => drawPanel(panel, end, marks, 30 + index * PANEL));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    `<title>${svgText(heading)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="20" ${FONT} font-weight="600">${svgText(heading)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel(
  { title, unit, points }: Series,
  end: number,
  marks: readonly (readonly [number, string])[],
  top: number,
): string {
  const values = points.map(([, value]) => value);
  const max = niceCeiling(Math.max(...values, 0));
  const [innerWidth, innerHeight] = [WIDTH - MARGIN.left - MARGIN.right, PANEL - MARGIN.top - MARGIN.bottom];
  const x = (at: number): string => (MARGIN.left + (at / end) * innerWidth).toFixed(1);
  const y = (value: number): string => (top + MARGIN.top + (1 - value / max) * innerHeight).toFixed(1);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(max * share);
    return (
      `<line x1="${x(0)}" x2="${x(end)}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      `<text x="${MARGIN.left - 8}" y="${Number(at) + 4}" text-anchor="end" ${FONT} fill="#666">${told(max * share)}</text>`
    );
  });
  const times = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(end * share)}" y="${top + PANEL - 6}" text-anchor="middle" ${FONT} fill="#666">${told((end * share) / 60)} min</text>`,
  );
  const begun = marks.map(
    ([at, name]) =>
      `<line x1="${x(at)}" x2="${x(at)}" y1="${y(max)}" y2="${y(0)}" stroke="#999" stroke-dasharray="3 3"><title>${svgText(name)}</title></line>`,
  );
  const line = points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ');
  return [
    `<text x="${MARGIN.left}" y="${top + 20}" ${FONT}>${svgText(title)}, ${svgText(unit)}</text>`,
    ...grid,
    ...times,
    ...begun,
    `<polyline points="${line}" fill="none" stroke="#111" stroke-width="1.5"/>`,
  ].join('\n');
}

/** 1, 2 or 5 times a power of ten that is not below `value`. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((ceiling) => ceiling >= value) ?? 10 * power;
}

function told(value: number): string {
  return String(Number(value.toPrecision(3)));
}
