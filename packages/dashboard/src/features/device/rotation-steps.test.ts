import { expect, test } from 'vitest';
import { stepStates } from './rotation-steps.ts';

test.each([
  ['queued', ['now', 'later', 'later', 'later']],
  ['registering', ['done', 'done', 'now', 'later']],
  ['finished', ['done', 'done', 'done', 'done']],
] as const)('at %s the steps are %j', (step, states) => {
  expect(stepStates(step)).toEqual(states);
});
