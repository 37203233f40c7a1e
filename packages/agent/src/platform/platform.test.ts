import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { helloSchema, telemetrySchema } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlatform, PLATFORM_NAMES } from './detect.ts';
import { LinuxPlatform } from './linux.ts';
import { SimulatedPlatform } from './simulated.ts';

/** A random generator that gives the same numbers each time (Lehmer). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe.each(PLATFORM_NAMES)('the platform %s', (name) => {
  it('tells what the relay accepts', async () => {
    const platform = createPlatform(name, '1.2.3', seeded(1));
    expect(helloSchema.parse(await platform.hello())).toMatchObject({
      platform: name,
      agentVersion: '1.2.3',
    });
    telemetrySchema.parse({ ...(await platform.telemetry()), egressAddress: null });
  });
});

describe('a simulated phone', () => {
  it('drifts within what phones report, and little at a time', async () => {
    const platform = new SimulatedPlatform({ agentVersion: '1', random: seeded(7) });
    let before = await platform.telemetry();
    for (let i = 0; i < 3_000; i += 1) {
      const now = await platform.telemetry();
      telemetrySchema.parse({ ...now, egressAddress: null });
      expect(Math.abs(now.signalDbm! - before.signalDbm!)).toBeLessThanOrEqual(3);
      expect(Math.abs(now.batteryPercent! - before.batteryPercent!)).toBeLessThanOrEqual(1);
      expect(now.carrier).toBe(before.carrier);
      before = now;
    }
  });
});

describe('a Linux host', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'agent-platform-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function file(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }

  it('is described by its kernel', async () => {
    await file('proc/device-tree/model', 'Board 5\0');
    await file('etc/os-release', 'NAME="X"\nPRETTY_NAME="Example Linux 12"\n');
    await file('sys/class/power_supply/AC/type', 'Mains\n');
    await file('sys/class/power_supply/BAT0/type', 'Battery\n');
    await file('sys/class/power_supply/BAT0/capacity', '73\n');
    await file('sys/class/power_supply/BAT0/status', 'Discharging\n');
    const platform = new LinuxPlatform({ agentVersion: '1', root });
    expect(await platform.hello()).toMatchObject({ model: 'Board 5', osVersion: 'Example Linux 12' });
    expect(await platform.telemetry()).toMatchObject({ batteryPercent: 73, batteryCharging: false });
  });

  it('says nothing that it does not know', async () => {
    const platform = new LinuxPlatform({ agentVersion: '1', root });
    expect(await platform.hello()).toMatchObject({ model: null });
    expect(await platform.telemetry()).toMatchObject({
      batteryPercent: null,
      batteryCharging: null,
      signalDbm: null,
    });
  });
});
