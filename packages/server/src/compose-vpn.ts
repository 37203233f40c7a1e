import { join } from 'node:path';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Config } from './config.ts';
import type { RelayStore } from './domain/stores.ts';
import {
  type VpnAdmission,
  type VpnNetwork,
  type VpnSessions,
  type VpnStatus,
  vpnNetwork,
} from './domain/vpn.ts';
import { vpnObstacles } from './openvpn/obstacles.ts';
import { OpenVpnServer } from './openvpn/openvpn-server.ts';
import type { TlsCryptKeys } from './services/tls-crypt-keys.ts';
import type { CertificateAuthority } from './tunnel/certificate-authority.ts';

/** Name in the certificate; clients look at the common name. */
const CERTIFICATE_NAME = 'vpn.pocketproxy.internal';

export interface VpnDependencies {
  readonly config: Pick<Config, 'vpnListen' | 'vpnSubnet' | 'dataDir'>;
  readonly relayId: string;
  readonly authority: CertificateAuthority;
  readonly tlsCryptKeys: TlsCryptKeys;
  readonly admission: VpnAdmission;
  readonly relays: Pick<RelayStore, 'reportVpn'>;
  /** Starts what carries packets of the interface through phones; answers what stops it. */
  readonly startPath: (network: VpnNetwork, sessions: VpnSessions) => Promise<() => Promise<void>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** OpenVPN as part of a relay. */
export interface RunningVpn {
  readonly status: VpnStatus;
  /** Clients that are connected now. */
  readonly sessionCount: number;
  stop(): Promise<void>;
}

/**
 * Starts OpenVPN where it can work. Where it cannot, the relay does the rest of its work, and everybody is told why:
 * the log, the database and with it the API. Never throws.
 */
export async function startVpn(deps: VpnDependencies): Promise<RunningVpn> {
  const { config, log } = deps;
  const report = (status: VpnStatus) => tell(deps, status);
  const off = async (reason: string): Promise<RunningVpn> => {
    const status = { state: 'off', reason } as const;
    await report(status);
    return { status, sessionCount: 0, stop: async () => {} };
  };
  if (config.vpnListen === null) return await off('by POCKETPROXY_VPN_LISTEN=off');
  const network = vpnNetwork(config.vpnSubnet);
  const obstacles = await vpnObstacles(network);
  if (obstacles.length > 0) {
    const reason = obstacles.map(({ what, detail, remedy }) => `${what}: ${detail} (${remedy})`).join('; ');
    log.warn({ reason }, 'OpenVPN is off');
    return await off(reason);
  }
  try {
    return await start(deps, network, config.vpnListen, report);
  } catch (error) {
    log.error({ err: error }, 'OpenVPN is off');
    return await off(error instanceof Error ? error.message : String(error));
  }
}

async function start(
  deps: VpnDependencies,
  network: VpnNetwork,
  listen: NonNullable<Config['vpnListen']>,
  report: (status: VpnStatus) => Promise<void>,
): Promise<RunningVpn> {
  const { config, relayId, authority, tlsCryptKeys, admission, clock, log } = deps;
  const identity = await authority.issueServerIdentity([CERTIFICATE_NAME], new Date(clock.now()));
  const server = new OpenVpnServer({
    ...{ network, listen, admission, clock, log },
    folder: join(config.dataDir, 'openvpn'),
    identity: {
      authority: authority.certificatePem,
      certificate: identity.chain,
      key: identity.key,
      tlsCryptKey: tlsCryptKeys.serverKey(relayId),
    },
    onStatus: (status) => void report(status),
  });
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) {
      await step().catch((error: unknown) => log.error({ err: error }, 'OpenVPN did not stop cleanly'));
    }
  };
  try {
    await server.prepare();
    undo.push(() => server.remove());
    // Before any client: a packet that nobody minds would be routed by this host.
    undo.push(await deps.startPath(network, server.sessions));
    undo.push(() => server.stop());
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  if (server.status.state === 'off') await report(server.status);
  return {
    get status() {
      return server.status;
    },
    get sessionCount() {
      return server.sessions.size;
    },
    stop,
  };
}

async function tell({ relays, relayId, authority, log }: VpnDependencies, status: VpnStatus): Promise<void> {
  await relays
    .reportVpn(relayId, status, authority.certificatePem)
    .catch((error: unknown) => log.error({ err: error }, 'state of OpenVPN not stored'));
}
