import { describe, expect, test } from 'vitest';
import type { Checkpoint } from './sample.ts';
import { judge } from './verdict.ts';

const MB = 1024 * 1024;

function at(seconds: number, change: Partial<Checkpoint> = {}): Checkpoint {
  return {
    ...{
      at: seconds,
      flows: seconds * 50,
      heap: 60 * MB,
      code: 12 * MB,
      external: 0,
      resident: 200 * MB,
      descriptors: 100,
    },
    ...change,
  };
}

function verdictOf(checkpoints: readonly Checkpoint[], unexplained = 0, wrong: readonly string[] = []) {
  return judge({
    ...{ samples: [], checkpoints },
    totals: { started: 1_000, explained: 10, unexplained },
    weather: { cuts: 1, silences: 0, kills: 0, rotations: 0, recoveryP95Ms: null },
    usage: { exact: 1, bounded: 0, countedBytes: 0, wrong },
  });
}

describe('a soak', () => {
  test.each([
    ['nothing grows', [at(300), at(1_800)], 0],
    [
      'the heap of half an hour grows by less than a megabyte an hour',
      [at(300), at(1_800, { heap: 60.4 * MB })],
      0,
    ],
    ['the heap of half an hour grows by more', [at(300), at(1_800, { heap: 60.5 * MB })], 1],
    [
      'half an hour brings as much compiled code as the heap grows',
      [at(300), at(1_800, { heap: 61 * MB, code: 13 * MB })],
      0,
    ],
    ['a minute leaves 100 bytes of each flow', [at(30), at(90, { heap: 60 * MB + 3_000 * 100 })], 0],
    ['a minute leaves 200 bytes of each flow', [at(30), at(90, { heap: 60 * MB + 3_000 * 200 })], 1],
    ['five descriptors are more', [at(30), at(90, { descriptors: 105 })], 0],
    ['six descriptors are more', [at(30), at(90, { descriptors: 106 })], 1],
  ])('where %s', (_, checkpoints, problems) => {
    const verdict = verdictOf(checkpoints);
    expect(verdict.problems).toHaveLength(problems);
    expect(verdict.passed).toBe(problems === 0);
  });

  test('fails for one failure that nothing explains', () => {
    expect(verdictOf([at(30), at(90)], 1).passed).toBe(false);
  });

  test('fails for usage that does not agree', () => {
    expect(verdictOf([at(30), at(90)], 0, ['Phone 1: counted 1 up']).passed).toBe(false);
  });
});
