import { type Clock, RealClock } from '@pocketproxy/runtime';
import type { Ability, Radio } from './controls.ts';
import { deviceProgramRunner } from './device-program.ts';
import type { CountInterfaces } from './interface-counters.ts';
import { LinuxPlatform } from './linux.ts';
import type { Platform } from './platform.ts';
import { RadioCommand } from './radio-command.ts';
import { SimulatedPlatform } from './simulated.ts';

/** What `--platform` accepts. */
export const PLATFORM_NAMES = ['simulated', 'linux'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** The platform of a device whose settings name none. A simulated phone is only ever asked for. */
export function detectPlatform(): PlatformName {
  return 'linux';
}

/** What platforms are made of; what is left out is not there. */
export interface PlatformParts {
  readonly agentVersion: string;
  /** The program of `--radio-command`; wins over the platform's own radio. */
  readonly radioCommand?: string | null;
  /** Of the simulated mobile network. */
  readonly simulatedRadio?: Radio | null;
  readonly countInterfaces?: CountInterfaces;
  /** Makes the agent of a simulated phone vanish for some seconds. */
  readonly onReboot?: () => void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly clock?: Clock;
}

/** The named platform. */
export function createPlatform(name: PlatformName, parts: PlatformParts): Platform {
  const { agentVersion, radioCommand = null, simulatedRadio = null } = parts;
  const countInterfaces = parts.countInterfaces ?? (async () => null);
  const commanded = radioCommand === null ? null : new RadioCommand(radioCommand, deviceProgramRunner());
  if (name === 'linux') return new LinuxPlatform({ agentVersion, countInterfaces, radio: commanded });
  return new SimulatedPlatform({
    agentVersion,
    countInterfaces,
    radio: simulatedAbility(commanded ?? simulatedRadio),
    onReboot: parts.onReboot ?? (() => {}),
    random: parts.random ?? Math.random,
    clock: parts.clock ?? new RealClock(),
  });
}

function simulatedAbility(radio: Radio | null): Ability<Radio> {
  if (radio) return { can: radio };
  return {
    can: null,
    reason: 'Customers leave by a real interface, and the simulated radio cannot switch that',
    fix: 'Start the agent with --radio-command <program>, or without --egress-interface',
  };
}
