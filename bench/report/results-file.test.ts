import { expect, it } from 'vitest';
import { lonelyFigure } from '../figures/lonely-figure.ts';
import { mergeResults } from './results-file.ts';

const machine = {
  ...{ cpu: 'x', cores: 2, memoryGiB: 8, system: 'Linux', node: 'v26', openssl: '3' },
  ...{ openssh: null, opensshCipher: null, loadBefore: 0 },
};

const figure = (id: string, value: number) =>
  lonelyFigure({
    ...{ id, title: id, unit: 'ms', target: null },
    value: { median: value, min: value, max: value },
  });

it('keeps what a partial run did not measure, with the time of its own measurement', () => {
  const old = mergeResults({ machine, figures: [] }, [figure('a', 1), figure('b', 2)], {
    ...{ at: 'yesterday', rounds: 7, machine },
  });
  const now = mergeResults(old, [figure('c', 3), figure('a', 4)], { at: 'today', rounds: 3, machine });
  expect(now.figures.map(({ id, at, rounds, ours }) => [id, at, rounds, ours.value.median])).toEqual([
    ['a', 'today', 3, 4],
    ['b', 'yesterday', 7, 2],
    ['c', 'today', 3, 3],
  ]);
});
