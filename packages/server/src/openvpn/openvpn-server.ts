import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { VpnAdmission, VpnNetwork, VpnStatus } from '../domain/vpn.ts';
import { AddressPool } from './address-pool.ts';
import { ClientSessions } from './client-sessions.ts';
import { Daemon } from './daemon.ts';
import { daemonConfig } from './daemon-config.ts';
import { type DaemonIdentity, daemonFiles, writeDaemonFiles } from './daemon-files.ts';
import { endLeftoverDaemons } from './daemon-leftovers.ts';
import { SessionTable } from './session-table.ts';
import { openTunInterface, removeTunInterface } from './tun-interface.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

/** As many as one daemon, which has one thread, serves with pleasure. */
const MAX_CLIENTS = 2_000;
/** By then the daemon of a usual host takes clients, or has said why not. */
const FIRST_STATE_MS = 3_000;
/** A Unix socket's path holds 107 bytes. */
const LONGEST_SOCKET_PATH = 107;

export interface OpenVpnServerOptions {
  readonly network: VpnNetwork;
  readonly listen: { readonly host: string; readonly port: number };
  /** Folder for files of the daemon; made when it is missing. */
  readonly folder: string;
  readonly identity: DaemonIdentity;
  readonly admission: VpnAdmission;
  /** Told of every change after the start. */
  readonly onStatus: (status: VpnStatus) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** OpenVPN on this relay: interface, daemon, sessions. */
export class OpenVpnServer {
  /** Whom the addresses inside belong to. */
  readonly sessions = new SessionTable();
  readonly #options: OpenVpnServerOptions;
  #daemon: Daemon | null = null;
  #status: VpnStatus = { state: 'off', reason: 'it has not started yet' };
  #firstStatus: () => void = () => {};

  constructor(options: OpenVpnServerOptions) {
    this.#options = options;
  }

  get status(): VpnStatus {
    return this.#status;
  }

  /** Process id of the daemon, or `null` between two runs. */
  get daemonPid(): number | null {
    return this.#daemon?.pid ?? null;
  }

  /**
   * Makes the interface, which has to be there before rules are made for it. Ends what a killed run left behind.
   * @throws {InterfaceInUseError} when another relay has it
   */
  async prepare(): Promise<void> {
    const { network, folder, clock } = this.#options;
    await endLeftoverDaemons(daemonFiles(folder).config, clock);
    await requireUnused(network);
    await openTunInterface(network);
  }

  /** Starts the daemon and waits until it takes clients or has failed, for some seconds at most. */
  async start(): Promise<void> {
    const { network, listen, folder, identity, clock, log } = this.#options;
    const files = daemonFiles(folder);
    if (Buffer.byteLength(files.management) > LONGEST_SOCKET_PATH) throw new SocketPathTooLongError(folder);
    const pool = new AddressPool(network.subnet);
    const maxClients = Math.min(pool.size, MAX_CLIENTS);
    const config = daemonConfig({ network, listen, files, maxClients, runAs: await unprivilegedUser() });
    await writeDaemonFiles(folder, identity, config);
    this.#daemon = new Daemon({
      ...{ program: 'openvpn', configFile: files.config, managementSocket: files.management, clock, log },
      run: (management) => {
        const { admission } = this.#options;
        return new ClientSessions({
          ...{ network, admission, pool, clock, log, management },
          table: this.sessions,
        });
      },
      onState: (problem) => this.#changed(problem),
    });
    const first = new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, FIRST_STATE_MS);
      this.#firstStatus = () => {
        timer.cancel();
        resolve();
      };
    });
    await this.#daemon.start();
    await first;
  }

  /** Ends all sessions, telling their clients. */
  async stop(): Promise<void> {
    await this.#daemon?.stop(this.sessions.size > 0);
  }

  /** Removes the interface. */
  async remove(): Promise<void> {
    await removeTunInterface(this.#options.network);
  }

  #changed(problem: string | null): void {
    const { listen, log, onStatus } = this.#options;
    this.#status =
      problem === null ? { state: 'on', port: listen.port } : { state: 'off', reason: `openvpn: ${problem}` };
    if (problem === null) log.info({ vpn: `${listen.host}:${listen.port}` }, 'OpenVPN is up');
    else log.error({ problem }, 'OpenVPN is down');
    this.#firstStatus();
    onStatus(this.#status);
  }
}

/** Another relay of this host has an interface of the same subnet. */
export class InterfaceInUseError extends Error {
  constructor({ interface: device, subnet }: VpnNetwork) {
    super(
      `${device} belongs to another running relay; set POCKETPROXY_VPN_SUBNET to another network than ${subnet}`,
    );
    this.name = 'InterfaceInUseError';
  }
}

/** The data directory's name is too long for the daemon's socket. */
export class SocketPathTooLongError extends Error {
  constructor(folder: string) {
    super(`${folder} is too long for a socket; set POCKETPROXY_DATA_DIR to a shorter path`);
    this.name = 'SocketPathTooLongError';
  }
}

/** An interface that no program has open has no carrier. @throws {InterfaceInUseError} */
async function requireUnused(network: VpnNetwork): Promise<void> {
  const carrier = await readFile(`/sys/class/net/${network.interface}/carrier`, 'utf8').catch(() => '0');
  if (carrier.trim() === '1') throw new InterfaceInUseError(network);
}
