import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { VpnAdmission, VpnAdmitted, VpnLogin, VpnNetwork } from '../domain/vpn.ts';
import type { AddressPool } from './address-pool.ts';
import { clientOptions } from './client-options.ts';
import { denialText } from './denial.ts';
import type { ManagementClient, ManagementEvent } from './management-client.ts';
import type { ClientVariables } from './management-parser.ts';
import type { SessionTable } from './session-table.ts';

/** A client that was let in and did not finish its handshake after this long is gone: the daemon does not tell. */
const ESTABLISH_MS = 75_000;
/**
 * Every wrong login is answered after this long. Passwords that people chose take longer to check than others, which
 * would tell who exists.
 */
const WRONG_LOGIN_MS = 1_000;

/**
 * The flows of a session that ends are reset. The daemon would tell its client to go before it has passed these resets
 * on, and programs would wait for answers that never come. Nothing else passes meanwhile, and a busy machine may not
 * come to it for a while.
 */
const RESETS_ARRIVE_MS = 1_000;

/** One client of the daemon that was let in. */
interface Client {
  readonly clientId: number;
  readonly address: string;
  readonly admitted: VpnAdmitted;
  establishing: Timer | null;
  ended: boolean;
}

export interface ClientSessionsOptions {
  readonly network: VpnNetwork;
  readonly admission: VpnAdmission;
  readonly pool: AddressPool;
  readonly table: SessionTable;
  readonly management: Pick<ManagementClient, 'command' | 'commandWithLines'>;
  readonly clock: Clock;
  readonly log: Logger;
}

type LoginEvent = Extract<ManagementEvent, { type: 'connect' | 'reauth' }>;

/** The clients of one run of the daemon: lets them in, gives them addresses, and ends them. */
export class ClientSessions {
  readonly #options: ClientSessionsOptions;
  readonly #clients = new Map<number, Client>();
  #over = false;

  constructor(options: ClientSessionsOptions) {
    this.#options = options;
  }

  /** Takes what the daemon tells. Never throws. */
  handle(event: ManagementEvent): void {
    switch (event.type) {
      case 'connect':
        void this.#connect(event);
        break;
      case 'reauth':
        void this.#reauthenticate(event);
        break;
      case 'established':
        this.#established(event.clientId);
        break;
      case 'disconnect':
        this.#gone(event.clientId);
        break;
      default:
    }
  }

  /** The daemon is gone, and with it every client. */
  endAll(): void {
    this.#over = true;
    for (const clientId of [...this.#clients.keys()]) this.#gone(clientId);
  }

  async #connect({ clientId, keyId, variables }: LoginEvent): Promise<void> {
    const { admission, clock } = this.#options;
    const began = clock.monotonic();
    let ended = false;
    const end = () => {
      ended = true;
      this.#kill(clientId);
    };
    try {
      const admitted = await admission.admit(loginOf(variables), end);
      // Between the decision and this line there was nothing to kill.
      if (ended) throw new FlowError('auth_required');
      await this.#letIn(clientId, keyId, admitted, variables);
    } catch (error) {
      await this.#deny(clientId, keyId, variables, error, began);
    }
  }

  /** @throws {FlowError} `overloaded` when no address is left */
  async #letIn(
    clientId: number,
    keyId: number,
    admitted: VpnAdmitted,
    variables: ClientVariables,
  ): Promise<void> {
    const { pool, table, network, management, clock, log } = this.#options;
    // The daemon's number cannot be taken, unless it has lost count of its clients.
    this.#gone(clientId);
    const { connectionId } = admitted.access;
    const address = this.#over ? null : pool.take(`${connectionId} ${loginOf(variables).address}`);
    if (address === null) {
      admitted.leave();
      throw new FlowError('overloaded');
    }
    const establishing = clock.setTimeout(() => this.#kill(clientId), ESTABLISH_MS);
    this.#clients.set(clientId, { clientId, address, admitted, establishing, ended: false });
    table.begin(address, admitted.access);
    const lines = clientOptions(network, address, variables.IV_PLAT ?? '');
    const accepted = await management.commandWithLines('client-auth', [clientId, keyId], lines);
    if (accepted) log.debug({ connectionId, address }, 'VPN client let in');
    // It went away while it was checked.
    else this.#gone(clientId);
  }

  async #deny(
    clientId: number,
    keyId: number,
    variables: ClientVariables,
    error: unknown,
    began: number,
  ): Promise<void> {
    const { management, clock, log } = this.#options;
    const code = error instanceof FlowError ? error.code : 'internal_error';
    if (code === 'internal_error') log.error({ err: error }, 'VPN client not let in');
    if (code === 'auth_required') await sleepUntil(clock, began + WRONG_LOGIN_MS);
    if (this.#over) return;
    await management.command('client-deny', clientId, keyId, code, denialText(code, variables));
  }

  /** A client renews its keys every hour and says again who it is. */
  async #reauthenticate({ clientId, keyId, variables }: LoginEvent): Promise<void> {
    const { admission, management, log } = this.#options;
    const client = this.#clients.get(clientId);
    const same =
      client !== undefined &&
      !client.ended &&
      (await admission.readmit(loginOf(variables), client.admitted.access).catch((error: unknown) => {
        log.error({ err: error }, 'VPN client not let in again');
        return false;
      }));
    if (same) await management.command('client-auth-nt', clientId, keyId);
    else {
      await management.command(
        'client-deny',
        clientId,
        keyId,
        'auth_required',
        denialText('auth_required', variables),
      );
      this.#kill(clientId);
    }
  }

  #established(clientId: number): void {
    const client = this.#clients.get(clientId);
    if (!client) return;
    client.establishing?.cancel();
    client.establishing = null;
  }

  /**
   * Ends a session that may not go on: for the path of the traffic at once. The client is told to connect anew, and
   * learns the reason from the refusal. Its address stays taken until the daemon has let go of it.
   */
  #kill(clientId: number): void {
    const client = this.#clients.get(clientId);
    if (!client || client.ended) return;
    const wasEstablishing = client.establishing !== null;
    client.establishing?.cancel();
    this.#endSession(client);
    const tell = () =>
      void this.#options.management.command('client-kill', clientId).then((known) => {
        if (!known || wasEstablishing) this.#gone(clientId);
      });
    if (wasEstablishing) tell();
    else this.#options.clock.setTimeout(tell, RESETS_ARRIVE_MS);
  }

  #gone(clientId: number): void {
    const client = this.#clients.get(clientId);
    if (!client) return;
    this.#clients.delete(clientId);
    client.establishing?.cancel();
    this.#endSession(client);
    this.#options.pool.giveBack(client.address);
  }

  #endSession(client: Client): void {
    if (client.ended) return;
    client.ended = true;
    client.admitted.leave();
    this.#options.table.end(client.address);
  }
}

function loginOf(variables: ClientVariables): VpnLogin {
  const { username = '', password = '', untrusted_ip, untrusted_ip6, trusted_ip, trusted_ip6 } = variables;
  return { username, password, address: untrusted_ip ?? untrusted_ip6 ?? trusted_ip ?? trusted_ip6 ?? '' };
}

function sleepUntil(clock: Clock, at: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimeout(resolve, Math.max(0, at - clock.monotonic())));
}
