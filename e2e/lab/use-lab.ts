import { afterAll, beforeAll } from 'vitest';
import { Lab } from './lab.ts';
import { LAB_UNAVAILABLE } from './requirements.ts';

/** A lab for all tests of this file or group; none where it cannot be built, and the tests are to be skipped. */
export function useLab(): () => Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    if (LAB_UNAVAILABLE === null) lab = await Lab.create();
  });
  afterAll(async () => {
    await lab?.destroy();
  });
  return () => {
    if (!lab) throw new Error('The lab is not built');
    return lab;
  };
}
