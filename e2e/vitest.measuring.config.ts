import { defineConfig } from 'vitest/config';
import { MEASURING } from './vitest.config.ts';

/** Whole systems that are measured: one file at a time. */
export default defineConfig({
  test: {
    name: 'measured',
    include: MEASURING,
    globalSetup: ['./vitest.global-setup.ts'],
    setupFiles: ['./vitest.setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 240_000,
  },
});
