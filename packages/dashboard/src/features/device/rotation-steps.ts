import type { RotationView } from '@pocketproxy/protocol/api';

/** The steps of a rotation in their order, and what is told of each. */
export const ROTATION_STEPS: readonly { readonly id: RotationView['step']; readonly label: string }[] = [
  { id: 'queued', label: 'Waiting for the phone' },
  { id: 'radio', label: 'Radio off and on' },
  { id: 'registering', label: 'Finding the network' },
  { id: 'observing', label: 'Observing the address' },
];

export type StepState = 'done' | 'now' | 'later';

/** How far a rotation is that has come to `step`: a state for each of `ROTATION_STEPS`. */
export function stepStates(step: RotationView['step']): StepState[] {
  const current = ROTATION_STEPS.findIndex(({ id }) => id === step);
  return ROTATION_STEPS.map((_, at) =>
    current === -1 || at < current ? 'done' : at === current ? 'now' : 'later',
  );
}
