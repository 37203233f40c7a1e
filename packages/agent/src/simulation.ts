import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import type { Clock } from '@pocketproxy/runtime';
import { SIMULATED_FAULTS, type SimulatedFault, SimulatedNetwork } from './egress/simulated-network.ts';
import { writeFileAtomically } from './state/atomic-file.ts';
import type { StateDirectory } from './state/state-directory.ts';

/** The mobile network of a simulated phone, with the address that it had before the agent was restarted. */
export async function openSimulatedNetwork(state: StateDirectory, clock: Clock): Promise<SimulatedNetwork> {
  const known = (await read(state.simulatedAddressFile)).trim();
  return new SimulatedNetwork({
    address: isIPv4(known) && known.startsWith('127.') ? known : null,
    remember: (address) => writeFileAtomically(state.simulatedAddressFile, `${address}\n`),
    faults: () => readFaults(state.simulatedFaultsFile),
    // Elsewhere only 127.0.0.1 is there to be bound to: addresses then honestly stay as they are.
    wholeLoopback: process.platform === 'linux',
    random: Math.random,
    clock,
  });
}

async function readFaults(path: string): Promise<ReadonlySet<SimulatedFault>> {
  const words = (await read(path)).split(/[\s,]+/);
  return new Set(SIMULATED_FAULTS.filter((fault) => words.includes(fault)));
}

/** A file that is not there says nothing. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
