import type { AgentConfig } from './config.ts';
import { formatAddress } from './pairing/relay-errors.ts';
import { runningAgent } from './state/run-lock.ts';
import { StateDirectory } from './state/state-directory.ts';
import { AGENT_VERSION } from './version.ts';

/** What `pocketproxy-agent status` tells. */
export interface AgentStatus {
  readonly version: string;
  readonly stateDir: string;
  readonly device: {
    readonly id: string;
    readonly name: string;
    readonly relay: string;
    readonly pairedAt: string;
  } | null;
  readonly running: { readonly pid: number; readonly since: string } | null;
}

/** @throws {AgentError} state_unreadable */
export async function readStatus(config: AgentConfig): Promise<AgentStatus> {
  const state = new StateDirectory(config.stateDir);
  const identity = await state.readIdentity();
  return {
    version: AGENT_VERSION,
    stateDir: config.stateDir,
    device: identity && {
      id: identity.deviceId,
      name: identity.deviceName,
      relay: formatAddress({ host: identity.relayHost, port: identity.relayPort }),
      pairedAt: identity.pairedAt,
    },
    running: await runningAgent(state.lockFile),
  };
}

/** The status for people. */
export function formatStatus({ version, stateDir, device, running }: AgentStatus): string {
  return [
    `agent    version ${version}, state in ${stateDir}`,
    device ? `device   ${device.name} (${device.id}), paired ${device.pairedAt}` : 'device   not paired',
    ...(device ? [`relay    ${device.relay}`] : []),
    running ? `process  running as ${running.pid} since ${running.since}` : 'process  not running',
  ].join('\n');
}
