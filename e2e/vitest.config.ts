import { defineConfig } from 'vitest/config';

/** Files with limits of time, memory or CPU that a neighbour's load would break. */
export const MEASURING = [
  'crash.test.ts',
  'dying-phone.test.ts',
  'failed-logins.test.ts',
  'floods.test.ts',
  'lab-openvpn-crowd.test.ts',
  'limits.test.ts',
  'login-flood.test.ts',
  'long-way.test.ts',
  'malformed-tunnel.test.ts',
  'overload.test.ts',
  'slow-clients.test.ts',
  'soak/crowd-restart.test.ts',
  'soak/soak.test.ts',
  'stalled-flows.test.ts',
];

/** Whole systems. Most tests wait for phones, radios and time limits, so that a few files run side by side. */
export default defineConfig({
  test: {
    name: 'e2e',
    include: ['**/*.test.ts'],
    exclude: MEASURING,
    globalSetup: ['./vitest.global-setup.ts'],
    setupFiles: ['./vitest.setup.ts'],
    maxWorkers: 4,
    testTimeout: 60_000,
    // Whole worlds are built here, by four workers at once on machines with two cores.
    hookTimeout: 240_000,
  },
});
