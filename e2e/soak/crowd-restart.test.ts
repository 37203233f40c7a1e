import { afterAll, beforeAll, expect, test } from 'vitest';
import { CrowdRestart } from './crowd-restart.ts';

const PHONES = 100;
const LISTENING_MS = 5_000;
const BACK_MS = 15_000;

let crowd: CrowdRestart;
beforeAll(async () => {
  crowd = await CrowdRestart.start({
    fleet: { steady: PHONES, gated: 0, killed: 0 },
    customers: 20,
    phonesPerProcess: PHONES / 2,
  });
});
afterAll(async () => {
  await crowd?.destroy();
});

/** The short form of `restart-main.ts`. */
test.each(['SIGTERM', 'SIGKILL'] as const)(
  `after %s ports are back within 5 s and ${PHONES} phones within 15 s, and those that are back serve`,
  async (signal) => {
    const { listeningMs, backMs, unexplained } = await crowd.restart(signal, 20, 30_000);
    expect(Math.max(...Object.values(listeningMs))).toBeLessThan(LISTENING_MS);
    expect(backMs.all).not.toBeNull();
    expect(backMs.all).toBeLessThan(BACK_MS);
    expect(unexplained).toBe(0);
  },
);
