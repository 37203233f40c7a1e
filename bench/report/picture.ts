import { svgText } from '../../e2e/harness/svg-text.ts';
import type { Figure, Outcome } from './figure.ts';
import type { RecordedFigure } from './results-file.ts';
import { number } from './table.ts';

/** Figures that are shown together. */
export interface Picture {
  readonly title: string;
  readonly better: 'more' | 'less';
  /** Whether bars of one figure can be compared with those of another. */
  readonly scales: 'shared' | 'own';
  readonly figures: readonly RecordedFigure[];
  /** What it was measured on. */
  readonly place: string;
}

const WIDTH = 760;
const MARGIN = 24;
const HEAD = 74;
const BARS = { left: 150, right: WIDTH - 190 };
const BAR = 16;
const BAR_STEP = 22;
const LABEL = 26;
const GAP = 16;
const LONGEST_SPREAD = 2.5;

/** It has a background of its own, because pages that show it are light or dark whatever the reader's system is. */
const STYLE = `
.page{fill:#fff;stroke:#d0d7de}.title{font:600 18px system-ui,sans-serif;fill:#1f2328}.note{font:12px system-ui,sans-serif;fill:#59636e}
.label{font:600 13px system-ui,sans-serif;fill:#1f2328}.name{font:13px system-ui,sans-serif;fill:#1f2328}
.ours{fill:#2563eb}.peer{fill:#9aa4b2}.spread{stroke:#1f2328;stroke-width:1.5;fill:none}
.target{stroke:#c2410c;stroke-width:2;stroke-dasharray:4 3}.wanted{font:12px system-ui,sans-serif;fill:#c2410c}
@media (prefers-color-scheme:dark){.page{fill:#0d1117;stroke:#3d444d}.title,.label,.name{fill:#f0f6fc}.note{fill:#9198a1}
.ours{fill:#4f8cff}.peer{fill:#6e7681}.spread{stroke:#f0f6fc}.target{stroke:#fb923c}.wanted{fill:#fb923c}}`;

/** One picture as SVG: for each figure our bar and the peer's, the spread over the rounds, and a line where ours should be. */
export function drawPicture(picture: Picture): string {
  const { figures, scales } = picture;
  const parts: string[] = [];
  let top = HEAD;
  for (const figure of figures) {
    const alike = scales === 'own' ? [figure] : figures.filter(({ unit }) => unit === figure.unit);
    const largest = Math.max(...alike.flatMap((one) => [...sides(one).map(shownMax), targetOf(one) ?? 0]));
    const drawn = drawFigure(figure, top, (BARS.right - BARS.left) / (largest || 1));
    parts.push(drawn.svg);
    top = drawn.bottom + GAP;
  }
  return page(picture, top, parts);
}

function page({ title, better, place, figures }: Picture, height: number, parts: readonly string[]): string {
  const days = [...new Set(figures.map(({ at }) => at.slice(0, 10)))].sort().join(', ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${svgText(title)}</title><style>${STYLE}</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text('title', MARGIN, 34, title),
    text(
      'note',
      MARGIN,
      54,
      `${better} is better · ${place}, ${days} · line: from the least to the most of all rounds`,
    ),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawFigure(figure: Figure, top: number, scale: number): { svg: string; bottom: number } {
  const bars = sides(figure);
  const parts = [text('label', MARGIN, top + 12, `${figure.title}, ${figure.unit}`)];
  const first = top + LABEL;
  for (const [index, side] of bars.entries()) {
    parts.push(drawSide(side, side === figure.ours ? 'ours' : 'peer', first + index * BAR_STEP, scale));
  }
  const bottom = first + bars.length * BAR_STEP;
  const target = targetOf(figure);
  if (target !== null) {
    const x = BARS.left + target * scale;
    parts.push(`<path class="target" d="M${x.toFixed(1)} ${first - 6}V${bottom - 2}"/>`);
    const wanted = figure.target!.text.split(',')[0]!;
    parts.push(
      `<text class="wanted" x="${BARS.right + 178}" y="${top + 12}" text-anchor="end">wanted: ${svgText(wanted)}</text>`,
    );
  }
  return { svg: parts.join('\n'), bottom };
}

function drawSide({ name, value }: Outcome, kind: 'ours' | 'peer', y: number, scale: number): string {
  const at = (of: number): string => Math.min(BARS.left + Math.max(0, of) * scale, BARS.right).toFixed(1);
  const middle = y + BAR / 2;
  const { median, min, max } = value;
  const ends = min === max ? number(median) : `${number(median)} (${number(min)} to ${number(max)})`;
  return [
    text('name', MARGIN, y + 13, name),
    `<rect class="${kind}" x="${BARS.left}" y="${y}" width="${(Math.max(0, median) * scale).toFixed(1)}" height="${BAR}" rx="2"/>`,
    min === max
      ? ''
      : `<path class="spread" d="M${at(min)} ${middle}H${at(max)}M${at(min)} ${y + 4}v8M${at(max)} ${y + 4}v8"/>`,
    text('name', BARS.right + 12, y + 13, ends),
  ].join('');
}

function sides({ ours, peer }: Figure): Outcome[] {
  return peer === null ? [ours] : [ours, peer];
}

/** One round that was far off would make all bars short: its line then ends at the edge. */
function shownMax({ value }: Outcome): number {
  return Math.min(value.max, value.median * LONGEST_SPREAD);
}

function targetOf({ target, peer }: Figure): number | null {
  if (target?.limit !== undefined) return target.limit;
  return target?.ofPeer !== undefined && peer !== null ? target.ofPeer * peer.value.median : null;
}

function text(kind: string, x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${svgText(content)}</text>`;
}
