import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './e2e/longest-first.ts';

/** `unit`: beside the code. `e2e`: whole systems, a few at a time. `measured`: whole systems, each alone. */
export default defineConfig({
  test: {
    reporters: ['default', './scripts/test-summary-reporter.mjs'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          // Some files wait for processes, most use a core.
          maxWorkers: availableParallelism() + 1,
          // No test replaces modules, and to load them anew for each of two hundred files took a quarter of the time.
          isolate: false,
          // Real processes, sockets and databases on a machine that may be small and busy.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        extends: './e2e/vitest.config.ts',
        root: './e2e',
        test: { name: 'e2e', sequence: { groupOrder: 1 } },
      },
      {
        extends: './e2e/vitest.measuring.config.ts',
        root: './e2e',
        test: { name: 'measured', sequence: { groupOrder: 2 } },
      },
    ],
  },
});
