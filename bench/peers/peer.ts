import { cpuSecondsOfTree, residentBytesOfTree } from '../measure/process-usage.ts';

/** Something of the relay and of the agent apart. */
export interface PerSide {
  readonly relay: number;
  readonly agent: number;
}

/** A system that carries traffic: a relay that clients connect to, and an agent from which it leaves. */
export interface Peer {
  readonly name: string;
  /** Main processes; what they started counts with them. */
  readonly relayPid: number;
  readonly agentPid: number;
  stop(): Promise<void>;
}

/** CPU seconds so far. */
export function cpuSeconds({ relayPid, agentPid }: Peer): PerSide {
  return { relay: cpuSecondsOfTree(relayPid), agent: cpuSecondsOfTree(agentPid) };
}

export function residentBytes({ relayPid, agentPid }: Peer): PerSide {
  return { relay: residentBytesOfTree(relayPid), agent: residentBytesOfTree(agentPid) };
}

export function difference(after: PerSide, before: PerSide): PerSide {
  return { relay: after.relay - before.relay, agent: after.agent - before.agent };
}
