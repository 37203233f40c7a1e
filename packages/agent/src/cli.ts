#!/usr/bin/env node
import { RealClock } from '@pocketproxy/runtime';
import { defineCommand, runMain } from 'citty';
import { AgentError } from './agent-error.ts';
import { formatStatus, readStatus } from './agent-status.ts';
import { readFlags, settingArguments } from './command-flags.ts';
import { readConfig } from './config.ts';
import { pairDevice } from './pairing/pair-device.ts';
import { createPlatform } from './platform/detect.ts';
import { runAgent } from './run-agent.ts';
import { StateDirectory } from './state/state-directory.ts';
import { AGENT_VERSION } from './version.ts';

/** Below this, nothing depends on the clock. */
const CLOCK_WARNING_MS = 60_000;

/** Runs a command; what a person can do something about is printed without a stack. */
async function expectErrors(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

const pair = defineCommand({
  meta: { name: 'pair', description: 'Turn this installation into a device of a relay' },
  args: {
    pairingUrl: {
      type: 'positional',
      description: 'From the dashboard, starts with pocketproxy://',
      required: true,
    },
    force: { type: 'boolean', description: 'Replace the identity that this state directory has' },
    ...settingArguments,
  },
  run: ({ args, rawArgs }) =>
    expectErrors(async () => {
      const config = readConfig(readFlags(args, rawArgs, ['force'], 1));
      const { model } = await createPlatform(config.platform, { agentVersion: AGENT_VERSION }).hello();
      const { identity, clockAheadMs } = await pairDevice({
        pairingUrl: args.pairingUrl,
        state: new StateDirectory(config.stateDir),
        force: args.force === true,
        platform: config.platform,
        model,
        clock: new RealClock(),
      });
      console.log(
        `Paired as "${identity.deviceName}" (${identity.deviceId}). Now run: pocketproxy-agent run`,
      );
      if (clockAheadMs !== null && Math.abs(clockAheadMs) > CLOCK_WARNING_MS) {
        console.error(
          `Note: this device's clock is ${Math.round(clockAheadMs / 1000)} s ahead of the relay's`,
        );
      }
    }),
});

const run = defineCommand({
  meta: { name: 'run', description: 'Serve customers through this device until stopped' },
  args: settingArguments,
  run: ({ args, rawArgs }) => expectErrors(() => runAgent(readConfig(readFlags(args, rawArgs)))),
});

const status = defineCommand({
  meta: { name: 'status', description: 'Tell which device this is and whether its agent runs' },
  args: { json: { type: 'boolean', description: 'For programs' }, ...settingArguments },
  run: ({ args, rawArgs }) =>
    expectErrors(async () => {
      const found = await readStatus(readConfig(readFlags(args, rawArgs, ['json'])));
      console.log(args.json === true ? JSON.stringify(found, null, 2) : formatStatus(found));
    }),
});

await runMain(
  defineCommand({
    meta: {
      name: 'pocketproxy-agent',
      version: AGENT_VERSION,
      description: 'PocketProxy on a phone or modem host',
    },
    subCommands: { pair, run, status },
  }),
);
