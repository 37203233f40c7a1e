import { LinuxPlatform } from './linux.ts';
import type { Platform } from './platform.ts';
import { SimulatedPlatform } from './simulated.ts';

/** What `--platform` accepts. */
export const PLATFORM_NAMES = ['simulated', 'linux'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** The platform of a device whose settings name none. A simulated phone is only ever asked for. */
export function detectPlatform(): PlatformName {
  return 'linux';
}

/** The named platform. */
export function createPlatform(name: PlatformName, agentVersion: string, random: () => number): Platform {
  return name === 'simulated'
    ? new SimulatedPlatform({ agentVersion, random })
    : new LinuxPlatform({ agentVersion });
}
