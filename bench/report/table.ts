import type { Spread } from '../measure/statistics.ts';
import type { PerSide } from '../peers/peer.ts';
import type { Figure, Outcome } from './figure.ts';

const HEAD = [
  'figure',
  'PocketProxy',
  'peer',
  'ratio',
  'at least',
  '',
  'CPU s: relay + agent',
  "peer's",
  'direct',
];

/** The figures as a Markdown table whose columns also line up in a terminal. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}

function cells(figure: Figure): string[] {
  const { ours, peer, ratio, target, direct, unit, costUnit } = figure;
  return [
    `${figure.title}, ${unit}`,
    spreadText(ours.value),
    peer ? `${spreadText(peer.value)} ${peer.name}` : '',
    ratio ? `${spreadText(ratio)}x` : '',
    target?.text ?? '',
    verdict(figure),
    cpuText(ours, costUnit),
    peer ? cpuText(peer, costUnit) : '',
    direct ? number(direct.median) : '',
  ];
}

function verdict({ target }: Figure): string {
  if (!target || target.met === null) return '';
  return target.met ? 'ok' : 'short';
}

function cpuText({ cpu }: Outcome, costUnit: string | null): string {
  return cpu && costUnit ? `${sides(cpu)} / ${costUnit}` : '';
}

function sides({ relay, agent }: PerSide): string {
  return `${number(relay)} + ${number(agent)}`;
}

/** `median (min-max)`, or one number when there was one round. */
function spreadText({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}-${number(max)})`;
}

/** Three digits are more than these machines are good for. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
