import { readFile } from 'node:fs/promises';
import type { Telemetry } from '@pocketproxy/protocol';
import { type Logger, RealClock } from '@pocketproxy/runtime';
import type { AgentEnd, AgentLifecycle } from './agent-lifecycle.ts';
import { buildEgress, interfacePath } from './build-egress.ts';
import { OrderActions } from './commands/order-actions.ts';
import { OrderJournal } from './commands/order-journal.ts';
import { Orders } from './commands/orders.ts';
import { RadioGuard } from './commands/radio-guard.ts';
import { RadioOffFile } from './commands/radio-off-file.ts';
import type { AgentConfig } from './config.ts';
import type { EgressPath } from './egress/egress-path.ts';
import { RelayAddresses } from './egress/relay-addresses.ts';
import { type ByteCounts, SocketBytes } from './egress/socket-bytes.ts';
import { createPlatform } from './platform/detect.ts';
import { countInterfaces } from './platform/interface-counters.ts';
import { startSessions } from './session/run-session.ts';
import { openSimulatedNetwork } from './simulation.ts';
import type { AgentIdentity } from './state/identity.ts';
import type { StateDirectory } from './state/state-directory.ts';
import { AGENT_VERSION } from './version.ts';

/** Longer than any part takes to end in order, once the radio is on again. */
const STOP_TIMEOUT_MS = 5_000;
/** For how long a simulated phone that restarts is gone. */
const REBOOT_PAUSE_MS = 3_000;

export interface ServeOptions {
  readonly config: AgentConfig;
  readonly state: StateDirectory;
  readonly identity: AgentIdentity;
  readonly lifecycle: AgentLifecycle;
  readonly log: Logger;
}

/** Serves customers until the lifecycle ends, and then stops everything in order. */
export async function serveCustomers(options: ServeOptions): Promise<AgentEnd> {
  const { config, state, identity, lifecycle, log } = options;
  const clock = new RealClock();
  const simulated =
    config.platform === 'simulated' && config.egressInterface === null
      ? await openSimulatedNetwork(state, clock)
      : null;
  const tunnelBytes = new SocketBytes();
  const platform = createPlatform(config.platform, {
    agentVersion: AGENT_VERSION,
    radioCommand: config.radioCommand,
    simulatedRadio: simulated,
    countInterfaces: simulated
      ? async () => simulatedCounts(tunnelBytes.total, egress.bytes())
      : countInterfaces({ egress: config.egressInterface, tunnel: config.tunnelInterface }),
    onReboot: () => lifecycle.restart(REBOOT_PAUSE_MS),
    clock,
  });
  const journal = await OrderJournal.open({
    path: state.ordersFile,
    bootId: await readBootId(),
    now: () => clock.now(),
    log,
  });
  const radio = new RadioGuard({
    radio: async () => (await platform.controls()).radio,
    mark: new RadioOffFile(state.radioOffFile),
    clock,
    log,
  });
  // Before anything else: the relay may be out of reach for as long as the radio is off.
  await radio.recover(journal.interrupted.includes('rotate_ip'));

  const relayAddresses = new RelayAddresses(identity.relayHost, clock, log);
  const egress = buildEgress({ config, identity, simulated, relayAddresses, clock, log });
  const tunnelPath = tunnelPathOf(config, log);
  const orders = new Orders({
    journal,
    actions: new OrderActions({
      platform,
      radio,
      network: {
        egressAddress: () => egress.egressAddress(),
        endFlows: () => egress.endFlows(),
        radioSwitched: () => sessions.networkChanged(),
      },
      restart: () => lifecycle.restart(0),
      clock,
      log,
    }),
    log,
  });
  log.info({ deviceId: identity.deviceId, platform: platform.name, version: AGENT_VERSION }, 'agent started');
  const sessions = startSessions({
    state: identity,
    ...{ egress, platform, orders, log, clock },
    tunnelBytes,
    tunnelLocalAddress: tunnelPath ? (family) => localAddress(tunnelPath, family) : undefined,
    onRelayAddress: (address) => relayAddresses.add(address),
    onRevoked: () => lifecycle.revoked(),
  });
  tunnelPath?.onChange(() => sessions.networkChanged());

  const end = await lifecycle.ended;
  log.info(end, 'agent is stopping');
  // First, while outcomes can still be told: a rotation under way ends with the radio on.
  await orders.stop();
  const stuck = exitWhenStuck(log);
  radio.close();
  await sessions.stop();
  await egress.close();
  await tunnelPath?.close();
  relayAddresses.close();
  clearTimeout(stuck);
  log.info('agent stopped');
  return end;
}

/** A simulated phone has no interfaces to count: its tunnel goes over Wi-Fi, its customers over the mobile network. */
function simulatedCounts(wifi: ByteCounts, mobile: ByteCounts): Telemetry['interfaces'] {
  return { wifiUp: wifi.up, wifiDown: wifi.down, mobileUp: mobile.up, mobileDown: mobile.down };
}

function tunnelPathOf({ tunnelInterface }: AgentConfig, log: Logger): EgressPath | null {
  if (tunnelInterface === null) return null;
  return interfacePath({
    device: tunnelInterface,
    purpose: 'tunnel',
    gateways: [],
    clock: new RealClock(),
    log,
  });
}

async function localAddress(path: EgressPath, family: 4 | 6): Promise<string> {
  const source = await path.source();
  const address = family === 4 ? source.ipv4 : source.ipv6;
  if (address === null) throw new Error(`The tunnel interface has no IPv${family} address`);
  return address;
}

/** Which start of the system this is; `null` where that is not known. */
async function readBootId(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || null;
}

/** A part that does not end must not keep a supervisor waiting. */
function exitWhenStuck(log: Logger): NodeJS.Timeout {
  return setTimeout(() => {
    log.error('stopping took too long');
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
}
