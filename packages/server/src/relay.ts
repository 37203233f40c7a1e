import { join } from 'node:path';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { RELAY_SERVER_NAME } from '@pocketproxy/protocol';
import { type Clock, fullCollector, type Logger } from '@pocketproxy/runtime';
import { type RunningVpn, startVpn } from './compose-vpn.ts';
import type { Config } from './config.ts';
import type { Bus } from './domain/bus.ts';
import type { CommandStore } from './domain/command-store.ts';
import type { RelayGauges, RelayMetrics, RelayShortage } from './domain/metrics.ts';
import type { RotationStore } from './domain/rotation.ts';
import type { CredentialVerifier } from './domain/secrets.ts';
import type { ConnectionStore, DeviceStore, RelayStore, UsageStore } from './domain/stores.ts';
import { PortListeners } from './listeners/port-listeners.ts';
import { defaultMemoryLimit, memoryInUse } from './memory.ts';
import { MeteredAdmission } from './metrics/metered-admission.ts';
import { MeteredIngress } from './metrics/metered-ingress.ts';
import { meteredRotations, meteredUsage } from './metrics/metered-stores.ts';
import { descriptorsForCustomers, readOpenFiles, reservedDescriptors } from './open-files.ts';
import { RotationRunner } from './rotation/rotation-runner.ts';
import { Capacity } from './routing/capacity.ts';
import { ConnectionDirectory, type Ports } from './routing/connection-directory.ts';
import { Gateway } from './routing/gateway.ts';
import { LiveFlows } from './routing/live-flows.ts';
import { NameQueries } from './routing/name-queries.ts';
import { RotationGate } from './routing/rotation-gate.ts';
import { UsageRecorder } from './routing/usage-recorder.ts';
import { VpnGate } from './routing/vpn-gate.ts';
import { TlsCryptKeys } from './services/tls-crypt-keys.ts';
import { CertificateAuthority } from './tunnel/certificate-authority.ts';
import { CommandDelivery } from './tunnel/command-delivery.ts';
import { CrowdGarbage } from './tunnel/crowd-garbage.ts';
import { DeviceAdmission } from './tunnel/device-admission.ts';
import { ExitAddresses } from './tunnel/exit-addresses.ts';
import { createPairingEndpoint } from './tunnel/pairing-endpoint.ts';
import { Presence } from './tunnel/presence.ts';
import { SessionRegistry } from './tunnel/session-registry.ts';
import { TunnelListener } from './tunnel/tunnel-listener.ts';

const HEARTBEAT_MS = 5_000;
const DRAIN_MS = 2_000;
const MIB = 1024 * 1024;
/** Sockets that carry no flow yet or no more: handshakes, and HTTP clients between two requests. */
const CLIENTS_PER_FLOW = 1.25;
/** Clients that are being refused, of the descriptors that are kept back. */
const REFUSED_SHARE = 1 / 3;
/** A flow whose one end has said all that it had to say, and whose other end says nothing. */
const HALF_CLOSED_SECONDS = 60;

export interface RelayDependencies {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly bus: Bus;
  /** Connections of one relay. */
  readonly connections: (relayId: string) => ConnectionStore;
  readonly devices: DeviceStore;
  readonly usage: UsageStore;
  readonly relays: RelayStore;
  readonly rotations: RotationStore;
  readonly commands: CommandStore;
  readonly credentials: CredentialVerifier;
  /** Of which keys of OpenVPN are derived, here and where client files are written. */
  readonly vpnSecret: Buffer;
  readonly metrics: RelayMetrics & { watchRelay(gauges: RelayGauges): void };
}

export interface RunningRelay {
  readonly id: string;
  readonly caFingerprint: string;
  readonly tunnelPort: number;
  readonly vpn: RunningVpn;
  /** What it has too little of to take new work, or `null`. */
  shortage(): RelayShortage | null;
  /** Refuses new work, lets flows finish briefly, tells phones to come back, stores what was counted. */
  stop(): Promise<void>;
}

/**
 * Composes and starts the relay role.
 * @throws the system's error when the tunnel port cannot be opened
 */
export async function startRelay(deps: RelayDependencies): Promise<RunningRelay> {
  const { config, log, clock, bus, devices, metrics } = deps;
  const now = new Date(clock.now());
  const authority = await CertificateAuthority.open(join(config.dataDir, 'ca'), now);
  const id = relayId(authority.fingerprint);

  const exitAddresses = new ExitAddresses({ devices, clock, log, random: Math.random });
  const presence = new Presence({ relayId: id, devices, exitAddresses, clock, log });
  const collectGarbage = fullCollector();
  const garbage = new CrowdGarbage(collectGarbage, clock);
  const registry = new SessionRegistry({
    connected: (deviceId) => {
      presence.connected(deviceId);
      garbage.arrived();
    },
    disconnected: (deviceId) => presence.disconnected(deviceId),
  });
  const admission = new DeviceAdmission({ devices, registry, presence, clock, log });
  const tunnels = new TunnelListener({
    host: config.tunnelListen.host,
    port: config.tunnelListen.port,
    identity: await authority.issueServerIdentity([RELAY_SERVER_NAME], now),
    authority,
    onDevice: (socket: TLSSocket, peer) => void admission.admit(socket, peer),
    onPair: createPairingEndpoint({ devices, authority, clock, log }),
    ...{ clock, log },
  });

  const idleSeconds = config.flowIdleSeconds;
  const idle = {
    idleTimeoutMs: idleSeconds * 1000,
    halfClosedTimeoutMs: Math.min(idleSeconds, HALF_CLOSED_SECONDS) * 1000,
  };
  const liveFlows = new LiveFlows(idle, clock);
  const ports: Ports = {
    open: async (port) => {
      await listeners.open(port);
    },
    close: (port) => void listeners.close(port),
  };
  const capacity = new Capacity({
    maxFlows: config.maxFlows,
    maxMemoryBytes: config.maxMemoryMb === null ? defaultMemoryLimit() : config.maxMemoryMb * MIB,
    openFlows: () => liveFlows.size,
    ...{ memoryInUse, collectGarbage, clock },
    onChange: (shortage) => {
      if (shortage) log.warn({ shortage }, 'new flows are refused');
      else log.info('new flows are taken again');
    },
  });
  const directory = new ConnectionDirectory(deps.connections(id), bus, ports, clock, log);
  const gate = new RotationGate(clock, (deviceId) => directory.endFlowsOf(deviceId));
  const gateway = new Gateway({
    directory,
    tunnels: registry,
    credentials: deps.credentials,
    liveFlows,
    gate,
    capacity,
    clock,
  });
  const ingress = new MeteredIngress(gateway, metrics);
  const proxyIdentity = await authority.issueServerIdentity([config.publicHost, RELAY_SERVER_NAME], now);
  const secureContext = createSecureContext({
    key: proxyIdentity.key,
    cert: proxyIdentity.chain,
    minVersion: 'TLSv1.2',
  });
  const openFiles = readOpenFiles();
  const listeners: PortListeners = new PortListeners({
    address: config.proxyListen,
    ingress,
    secureContext: () => secureContext,
    limits: {
      clients: Math.ceil(config.maxFlows * CLIENTS_PER_FLOW),
      refusals: Math.floor(reservedDescriptors(openFiles?.limit ?? 0) * REFUSED_SHARE),
    },
    descriptors: () =>
      openFiles === null
        ? Number.POSITIVE_INFINITY
        : descriptorsForCustomers(openFiles, listeners.portCount + registry.size),
    onOverload: () => metrics.flowRefused('overloaded'),
    clock,
    logger: log,
  });
  const shortage = () => capacity.shortage ?? (listeners.isFull ? 'descriptors' : null);
  const usage = new UsageRecorder(directory, meteredUsage(deps.usage, metrics), clock, log);

  const commands = new CommandDelivery({ store: deps.commands, sessions: registry, bus, clock, log });
  const rotations = new RotationRunner({
    ...{ relayId: id, store: meteredRotations(deps.rotations, metrics), sessions: registry },
    ...{ hold: gate, bus, clock, log },
  });

  const stopCommands = commands.start();
  await deps.relays.forgetLastRun(id);
  const tunnelPort = await tunnels.listen();
  const registration = {
    id,
    publicHost: config.publicHost,
    tunnelPort,
    portRange: config.portRange,
    caFingerprint: authority.fingerprint,
  };
  await deps.relays.register({ ...registration, at: now });
  const stopRevoking = [
    bus.subscribe('device.revoked', (event) => void admission.recheck(event.id)),
    bus.onResync(() => void admission.recheckAll()),
  ];
  // Flows of phones that were rotating when the last run ended have to wait from the first one on.
  const stopRotations = await rotations.start();
  const stopFollowing = await directory.start();
  const vpn = await startVpn({
    ...{ config, relayId: id, authority, relays: deps.relays, clock, log },
    tlsCryptKeys: new TlsCryptKeys(deps.vpnSecret),
    admission: new MeteredAdmission(
      new VpnGate({ directory, devices: registry, credentials: deps.credentials, gate, clock }),
      metrics,
    ),
    startPath: async (network, sessions) => {
      // Only here: the library for system calls does not exist for every machine that a relay runs on.
      const { startVpnPath } = await import('./openvpn/path/vpn-path.ts');
      const names = new NameQueries({ directory, tunnels: registry, gate, clock });
      return await startVpnPath({ network, sessions, ingress, names, clock, log });
    },
  });
  metrics.watchRelay({
    sessions: () => registry.size,
    flows: () => liveFlows.size,
    vpnSessions: () => vpn.sessionCount,
    maxFlows: () => capacity.maxFlows,
    clients: () => listeners.clientCount,
    maxClients: () => listeners.clientLimit,
    maxMemory: () => capacity.maxMemoryBytes,
    ...{ memoryInUse, shortage },
  });
  const heartbeat = clock.setInterval(() => {
    deps.relays
      .heartbeat(id, new Date(clock.now()))
      .catch((error: unknown) => log.warn({ err: error }, 'no heartbeat'));
  }, HEARTBEAT_MS);
  log.info({ relayId: id, tunnel: `${config.tunnelListen.host}:${tunnelPort}` }, 'relay is up');

  return {
    id,
    caFingerprint: authority.fingerprint,
    tunnelPort,
    vpn,
    shortage,
    stop: async () => {
      heartbeat.cancel();
      for (const stop of stopRevoking) stop();
      stopFollowing();
      tunnels.stopAccepting();
      await Promise.all([listeners.closeAll(DRAIN_MS), vpn.stop()]);
      stopCommands();
      await stopRotations();
      liveFlows.abortAll();
      liveFlows.stop();
      capacity.stop();
      registry.dismissAll();
      await usage.stop();
      await presence.stop();
      tunnels.destroySockets();
    },
  };
}

/** A UUID (version 8, RFC 9562 section 5.8) that a data directory keeps for life, because its CA does. */
function relayId(fingerprint: string): string {
  const hex = fingerprint.slice(0, 32).split('');
  hex[12] = '8';
  hex[16] = '8';
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
