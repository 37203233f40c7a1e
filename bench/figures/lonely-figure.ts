import type { Spread } from '../measure/statistics.ts';
import type { Figure, Target } from '../report/figure.ts';

/** A figure that is compared with nothing but its target. */
export function lonelyFigure(figure: {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly value: Spread;
  readonly target: Target | null;
}): Figure {
  const { value, ...rest } = figure;
  return {
    ...rest,
    ours: { name: 'PocketProxy', value, cpu: null },
    ...{ costUnit: null, peer: null, ratio: null, relayCpuRatio: null, direct: null },
  };
}
