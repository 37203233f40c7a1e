import type { Hello } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { describeCapabilities } from './capabilities.ts';
import type { Ability, DeviceControls, Radio } from './controls.ts';
import type { CountInterfaces } from './interface-counters.ts';
import type { DeviceTelemetry, Platform } from './platform.ts';

export interface SimulatedPlatformOptions {
  readonly agentVersion: string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The simulated one, or that of `--radio-command`; missing where real interfaces carry the traffic. */
  readonly radio: Ability<Radio>;
  readonly countInterfaces: CountInterfaces;
  /** Makes the agent vanish for some seconds, as a phone does that restarts. */
  readonly onReboot: () => void;
  readonly clock: Clock;
}

const CARRIERS = ['Simulated Mobile', 'Example Wireless', 'Test Telecom'] as const;
const NETWORKS = ['5G', 'LTE', 'LTE', 'LTE'] as const;
const STRONGEST_DBM = -65;
const WEAKEST_DBM = -115;

/** A phone for quick starts and tests: plausible values that drift a little from one report to the next. */
export class SimulatedPlatform implements Platform {
  readonly name = 'simulated';
  readonly #options: SimulatedPlatformOptions;
  readonly #carrier: string;
  readonly #networkType: string;
  #signalDbm: number;
  #battery: number;
  #charging: boolean;

  constructor(options: SimulatedPlatformOptions) {
    this.#options = options;
    this.#carrier = this.#pick(CARRIERS);
    this.#networkType = this.#pick(NETWORKS);
    this.#signalDbm = -80 - Math.round(options.random() * 15);
    this.#battery = 60 + options.random() * 40;
    this.#charging = options.random() < 0.5;
  }

  async hello(): Promise<Hello> {
    return {
      type: 'hello',
      agentVersion: this.#options.agentVersion,
      platform: this.name,
      model: 'Simulated phone',
      osVersion: 'Simulation',
      ...describeCapabilities(await this.controls()),
    };
  }

  async telemetry(): Promise<DeviceTelemetry> {
    this.#drift();
    return {
      type: 'telemetry',
      carrier: this.#carrier,
      networkType: this.#networkType,
      signalDbm: this.#signalDbm,
      batteryPercent: Math.round(this.#battery),
      batteryCharging: this.#charging,
      interfaces: await this.#options.countInterfaces(),
    };
  }

  async controls(): Promise<DeviceControls> {
    const { radio, onReboot } = this.#options;
    return {
      radio,
      reboot: {
        can: async () => {
          onReboot();
          return 'The simulated phone restarts';
        },
      },
      findPhone: { can: (seconds, signal) => this.#ring(seconds, signal) },
      wifi: { can: async (on) => `The simulated Wi-Fi is ${on ? 'on' : 'off'}` },
    };
  }

  #ring(seconds: number, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const done = (text: string) => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve(text);
      };
      const onAbort = () => done('The simulated phone stopped ringing early');
      const timer = this.#options.clock.setTimeout(
        () => done(`The simulated phone rang for ${seconds} s`),
        seconds * 1000,
      );
      signal.addEventListener('abort', onAbort);
    });
  }

  #drift(): void {
    const step = Math.round((this.#options.random() - 0.5) * 6);
    this.#signalDbm = Math.max(WEAKEST_DBM, Math.min(STRONGEST_DBM, this.#signalDbm + step));
    this.#battery = Math.max(15, Math.min(100, this.#battery + (this.#charging ? 0.3 : -0.1)));
    if (this.#battery === 100) this.#charging = false;
    if (this.#battery === 15) this.#charging = true;
  }

  #pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.#options.random() * values.length)] ?? values[0];
  }
}
