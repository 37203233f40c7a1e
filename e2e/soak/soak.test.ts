import { expect, test } from 'vitest';
import { Soak } from './soak.ts';

const FLOWS_PER_SECOND = 50;
const WARM_UP_MS = 10_000;
const SOAK_MS = 25_000;

/**
 * The short form of the soak (docs/operations.md): enough flows and sessions that one descriptor, or 150 bytes of heap, left behind
 * by each is found, and every byte compared. What grows by the hour only the long form sees.
 */
test('under flapping phones nothing is mixed up, uncounted or left behind', {
  timeout: 240_000,
}, async () => {
  const unexplained: string[] = [];
  const soak = await Soak.start({
    fleet: { steady: 12, gated: 4, killed: 3 },
    weather: { gatePeriodMs: 16_000, killPeriodMs: 8_000, silenceMs: { min: 500, max: 3_000 } },
    intervalMs: 5_000,
    seed: 1,
    onSample: () => {},
    onCheckpoint: () => {},
    onUnexplained: (what) => unexplained.push(what),
  });
  try {
    await soak.run('warm-up', FLOWS_PER_SECOND, WARM_UP_MS);
    await soak.run('soak', FLOWS_PER_SECOND, SOAK_MS);
    const verdict = await soak.verdict();
    expect(unexplained).toEqual([]);
    expect(verdict).toMatchObject({ problems: [], passed: true });
    expect(verdict.usage.exact).toBeGreaterThan(0);
    expect(verdict.weather.cuts).toBeGreaterThan(0);
    expect(verdict.weather.kills).toBeGreaterThan(0);
  } finally {
    await soak.destroy();
  }
});
