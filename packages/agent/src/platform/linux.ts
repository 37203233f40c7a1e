import { readdir, readFile } from 'node:fs/promises';
import { release, type } from 'node:os';
import { join } from 'node:path';
import type { Hello } from '@pocketproxy/protocol';
import { describeCapabilities } from './capabilities.ts';
import type { DeviceControls, Radio } from './controls.ts';
import { deviceProgramRunner, type RunDeviceProgram } from './device-program.ts';
import type { CountInterfaces } from './interface-counters.ts';
import { linuxControls } from './linux-controls.ts';
import type { DeviceTelemetry, Platform } from './platform.ts';

export interface LinuxPlatformOptions {
  readonly agentVersion: string;
  /** Of `--radio-command`; `null` leaves the radio to NetworkManager. */
  readonly radio: Radio | null;
  readonly countInterfaces: CountInterfaces;
  readonly run?: RunDeviceProgram;
  /** Where `/proc`, `/sys` and `/etc` are; tests give a folder of their own. */
  readonly root?: string;
}

const MODEL_FILES = ['proc/device-tree/model', 'sys/devices/virtual/dmi/id/product_name'] as const;
const POWER_SUPPLIES = 'sys/class/power_supply';

/** A host that we know nothing special of: what its kernel tells, and `null` for the rest. */
export class LinuxPlatform implements Platform {
  readonly name = 'linux';
  readonly #options: LinuxPlatformOptions;
  readonly #root: string;
  readonly #run: RunDeviceProgram;

  constructor(options: LinuxPlatformOptions) {
    this.#options = options;
    this.#root = options.root ?? '/';
    this.#run = options.run ?? deviceProgramRunner();
  }

  async hello(): Promise<Hello> {
    return {
      type: 'hello',
      agentVersion: this.#options.agentVersion,
      platform: this.name,
      model: await this.model(),
      osVersion: (await this.#osVersion()).slice(0, 128),
      ...describeCapabilities(await this.controls()),
    };
  }

  async telemetry(): Promise<DeviceTelemetry> {
    const battery = await this.#battery();
    return {
      type: 'telemetry',
      carrier: null,
      networkType: null,
      signalDbm: null,
      batteryPercent: battery?.percent ?? null,
      batteryCharging: battery?.charging ?? null,
      interfaces: await this.#options.countInterfaces(),
    };
  }

  controls(): Promise<DeviceControls> {
    return linuxControls({
      run: this.#run,
      radio: this.#options.radio,
      root: this.#root,
      privileged: process.getuid?.() === 0,
    });
  }

  /** The hardware's name, or `null`. */
  async model(): Promise<string | null> {
    for (const file of MODEL_FILES) {
      const text = await this.#read(file);
      if (text) return text.slice(0, 128);
    }
    return null;
  }

  async #osVersion(): Promise<string> {
    const text = (await this.#read('etc/os-release')) ?? '';
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1];
    return name ?? `${type()} ${release()}`;
  }

  async #battery(): Promise<{ percent: number; charging: boolean } | null> {
    const supplies = await readdir(join(this.#root, POWER_SUPPLIES)).catch(() => []);
    for (const supply of supplies) {
      const folder = `${POWER_SUPPLIES}/${supply}`;
      if ((await this.#read(`${folder}/type`)) !== 'Battery') continue;
      const percent = Number(await this.#read(`${folder}/capacity`));
      const status = await this.#read(`${folder}/status`);
      if (!Number.isInteger(percent) || percent < 0 || percent > 100) continue;
      return { percent, charging: status === 'Charging' || status === 'Full' };
    }
    return null;
  }

  /** A file's text without what surrounds it; device-tree strings end with a NUL. */
  async #read(path: string): Promise<string | null> {
    try {
      return (await readFile(join(this.#root, path), 'utf8')).replaceAll('\0', '').trim();
    } catch {
      return null;
    }
  }
}
