import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ability, DeviceControls, Radio } from './controls.ts';
import type { RunDeviceProgram } from './device-program.ts';

export interface LinuxControlsOptions {
  readonly run: RunDeviceProgram;
  /** Wins over what NetworkManager could do. */
  readonly radio: Radio | null;
  readonly root: string;
  readonly privileged: boolean;
}

const NETWORK_MANAGER_FIX = 'Install NetworkManager (nmcli) and let it manage the Wi-Fi interface';

/** What can be done on this host now: NetworkManager switches radios, systemd restarts. */
export async function linuxControls(options: LinuxControlsOptions): Promise<DeviceControls> {
  const devices = await managedDevices(options.run);
  return {
    radio: options.radio ? { can: options.radio } : mobileRadio(devices, options.run),
    reboot: await reboot(options),
    findPhone: {
      can: null,
      reason: 'This host has nothing that rings',
      fix: 'Nothing makes it possible on a plain Linux host; look for it by its name and exit address',
    },
    wifi: wifi(devices, options.run),
  };
}

/** Kinds of the network devices that NetworkManager knows; `null` when it does not answer. */
async function managedDevices(run: RunDeviceProgram): Promise<ReadonlySet<string> | null> {
  try {
    const printed = await run('nmcli', ['--terse', '--fields', 'TYPE', 'device']);
    return new Set(printed.split('\n').map((line) => line.trim()));
  } catch {
    return null;
  }
}

/** NetworkManager connects again by itself once the radio is on, if the connection has autoconnect. */
function mobileRadio(devices: ReadonlySet<string> | null, run: RunDeviceProgram): Ability<Radio> {
  if (!devices?.has('gsm')) {
    return {
      can: null,
      reason: devices
        ? 'NetworkManager knows no modem, and no radio command is set'
        : 'No radio command is set, and there is no NetworkManager to ask',
      fix: 'Start the agent with --radio-command <program>, a program that takes off, on and status',
    };
  }
  const call = (...args: string[]) => run('nmcli', ['radio', 'wwan', ...args]);
  return { can: { off: () => call('off'), on: () => call('on'), status: () => call() } };
}

function wifi(devices: ReadonlySet<string> | null, run: RunDeviceProgram): DeviceControls['wifi'] {
  if (devices?.has('wifi')) return { can: (on) => run('nmcli', ['radio', 'wifi', on ? 'on' : 'off']) };
  return {
    can: null,
    reason: devices ? 'NetworkManager knows no Wi-Fi device' : 'There is no NetworkManager to ask',
    fix: NETWORK_MANAGER_FIX,
  };
}

async function reboot({ run, root, privileged }: LinuxControlsOptions): Promise<DeviceControls['reboot']> {
  if (!privileged) {
    return {
      can: null,
      reason: 'Only root may restart this host',
      fix: 'Run the agent as root',
    };
  }
  // As sd_booted(3) finds out.
  const hasSystemd = await access(join(root, 'run/systemd/system')).then(
    () => true,
    () => false,
  );
  if (hasSystemd) return { can: () => run('systemctl', ['reboot']) };
  return {
    can: null,
    reason: 'systemd does not run on this host',
    fix: 'Restart it by hand, or run the agent on a host with systemd',
  };
}
