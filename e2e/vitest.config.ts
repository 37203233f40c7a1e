import { defineConfig } from 'vitest/config';

// One file at a time: each starts real servers, and measured limits must not depend on a neighbour's load.
export default defineConfig({
  test: {
    name: 'e2e',
    include: ['**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
