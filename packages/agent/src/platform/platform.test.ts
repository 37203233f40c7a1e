import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { helloSchema, telemetrySchema } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlError, type Radio } from './controls.ts';
import { createPlatform, PLATFORM_NAMES } from './detect.ts';
import { deviceProgramRunner, type RunDeviceProgram } from './device-program.ts';
import { countInterfaces } from './interface-counters.ts';
import { LinuxPlatform } from './linux.ts';

const noProgram: RunDeviceProgram = async (program) => {
  throw new ControlError(`${program} is not here`);
};

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
    const platform = createPlatform(name, { agentVersion: '1.2.3', random: seeded(1) });
    expect(helloSchema.parse(await platform.hello())).toMatchObject({
      platform: name,
      agentVersion: '1.2.3',
    });
    telemetrySchema.parse({ ...(await platform.telemetry()), egressAddress: null });
  });
});

describe('a simulated phone', () => {
  it('drifts within what phones report, and little at a time', async () => {
    const platform = createPlatform('simulated', { agentVersion: '1', random: seeded(7) });
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

  function linux(run: RunDeviceProgram = noProgram, radio: Radio | null = null): LinuxPlatform {
    return new LinuxPlatform({ agentVersion: '1', root, run, radio, countInterfaces: async () => null });
  }

  it('is described by its kernel', async () => {
    await file('proc/device-tree/model', 'Board 5\0');
    await file('etc/os-release', 'NAME="X"\nPRETTY_NAME="Example Linux 12"\n');
    await file('sys/class/power_supply/AC/type', 'Mains\n');
    await file('sys/class/power_supply/BAT0/type', 'Battery\n');
    await file('sys/class/power_supply/BAT0/capacity', '73\n');
    await file('sys/class/power_supply/BAT0/status', 'Discharging\n');
    const platform = linux();
    expect(await platform.hello()).toMatchObject({ model: 'Board 5', osVersion: 'Example Linux 12' });
    expect(await platform.telemetry()).toMatchObject({ batteryPercent: 73, batteryCharging: false });
  });

  it('says what it cannot do, why, and what would make it possible', async () => {
    const hello = helloSchema.parse(await linux().hello());
    expect(hello.capabilities).toEqual(['tcp', 'udp', 'restart_agent']);
    const names = hello.missing.map(({ name }) => name);
    expect(names).toEqual(['rotate_ip', 'reboot', 'find_phone', 'wifi_on', 'wifi_off', 'update_agent']);
    for (const { reason, fix } of hello.missing) expect([reason, fix]).not.toContain('');
    expect(hello.missing[0]?.fix).toContain('--radio-command');
  });

  it('switches its radios by NetworkManager, where that knows a modem and a Wi-Fi device', async () => {
    const calls: string[] = [];
    const platform = linux(async (program, args) => {
      calls.push([program, ...args].join(' '));
      return args.includes('device') ? 'wifi\nethernet\ngsm\nloopback' : '';
    });
    expect((await platform.hello()).capabilities).toEqual(
      expect.arrayContaining(['rotate_ip', 'wifi_on', 'wifi_off']),
    );
    const { radio, wifi } = await platform.controls();
    await radio.can?.off();
    await radio.can?.on();
    await wifi.can?.(false);
    expect(calls.filter((call) => call.includes('radio'))).toEqual([
      'nmcli radio wwan off',
      'nmcli radio wwan on',
      'nmcli radio wifi off',
    ]);
  });

  it.skipIf(process.getuid?.() !== 0)('restarts by systemd, where that runs', async () => {
    const calls: string[] = [];
    await file('run/systemd/system/x', '');
    const platform = linux(async (program, args) => {
      calls.push([program, ...args].join(' '));
      return '';
    });
    await (await platform.controls()).reboot.can?.();
    expect(calls).toContain('systemctl reboot');
  });

  it('counts mobile and Wi-Fi bytes apart, where both interfaces are named and differ', async () => {
    for (const [name, up, down] of [
      ['rmnet0', 10, 20],
      ['wlan0', 30, 40],
    ]) {
      await file(`sys/class/net/${name}/statistics/tx_bytes`, `${up}\n`);
      await file(`sys/class/net/${name}/statistics/rx_bytes`, `${down}\n`);
    }
    const count = (egress: string | null, tunnel: string | null) =>
      countInterfaces({ egress, tunnel, root })();
    expect(await count('rmnet0', 'wlan0')).toEqual({
      wifiUp: 30,
      wifiDown: 40,
      mobileUp: 10,
      mobileDown: 20,
    });
    expect(await count('usb0', 'wlan0')).toMatchObject({ mobileUp: null, mobileDown: null, wifiUp: 30 });
    expect(await count('rmnet0', 'rmnet0')).toBeNull();
    expect(await count(null, 'wlan0')).toBeNull();
  });

  it('says nothing that it does not know', async () => {
    const platform = linux();
    expect(await platform.hello()).toMatchObject({ model: null });
    expect(await platform.telemetry()).toMatchObject({
      batteryPercent: null,
      batteryCharging: null,
      signalDbm: null,
    });
  });
});

describe('a program of the device', () => {
  const run = deviceProgramRunner(200);

  it('answers what it printed', async () => {
    expect(await run('sh', ['-c', 'echo out; echo err >&2'])).toBe('out\nerr');
  });

  it('says how it failed, with what it printed', async () => {
    await expect(run('sh', ['-c', 'echo broken >&2; exit 3'])).rejects.toMatchObject({
      code: 'control_failed',
      message: expect.stringMatching(/exit code 3\nbroken$/),
    });
    await expect(run('/nonexistent/radio', ['off'])).rejects.toMatchObject({ code: 'control_failed' });
  });

  it('has ended when it ends, also when what it has started goes on and holds its output open', async () => {
    expect(await deviceProgramRunner()('sh', ['-c', 'sleep 20 & echo attached'])).toBe('attached');
  }, 10_000);

  it('is not waited for when it takes too long, nor is what it has started', async () => {
    await expect(run('sh', ['-c', 'sleep 5; true'])).rejects.toMatchObject({
      message: expect.stringContaining('longer than 0.2 s'),
    });
  });
});
