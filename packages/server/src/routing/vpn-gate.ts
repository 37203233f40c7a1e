import { FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { AttemptLimiter } from '../domain/attempt-limiter.ts';
import { clientNetwork } from '../domain/client-network.ts';
import type { StoredCredential } from '../domain/connection.ts';
import type { DeviceSessions } from '../domain/device-tunnel.ts';
import type { Access } from '../domain/ingress.ts';
import type { CredentialVerifier } from '../domain/secrets.ts';
import type { VpnAdmission, VpnAdmitted, VpnLogin } from '../domain/vpn.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import type { Grant } from './grant.ts';
import type { LiveConnection } from './live-connection.ts';
import type { RotationGate } from './rotation-gate.ts';

/** Wrong passwords of one client for one user, and for how long the pair is refused then; as at proxy ports. */
const LOGIN_FAILURES = 10;
const LOGIN_BLOCK_MS = 60_000;
/** A phone that lost its tunnel, or its relay, a moment ago is back within this time. */
const PHONE_WAIT_MS = 8_000;
/** Clients of one connection at once, if its limit of flows does not allow fewer. */
const MAX_SESSIONS = 64;
/** No password has this hash: 32 bytes of HMAC would have to be zero. Checked for users who do not exist. */
const NOBODY: StoredCredential = { scheme: 'hmac-sha256', hash: '00'.repeat(32) };

export interface VpnGateOptions {
  readonly directory: ConnectionDirectory;
  readonly devices: DeviceSessions;
  readonly credentials: CredentialVerifier;
  readonly gate: RotationGate;
  readonly clock: Clock;
}

/** Who may have a session of the VPN: what `Gateway` asks of a flow, asked once for all flows of a client. */
export class VpnGate implements VpnAdmission {
  readonly #options: VpnGateOptions;
  readonly #attempts: AttemptLimiter;

  constructor(options: VpnGateOptions) {
    this.#options = options;
    this.#attempts = new AttemptLimiter(options.clock, LOGIN_FAILURES, LOGIN_BLOCK_MS);
  }

  async admit(login: VpnLogin, end: () => void): Promise<VpnAdmitted> {
    const { connection, grant } = await this.#authenticate(login);
    this.#requireAllowed(connection);
    await this.#phone(connection.snapshot.deviceId);
    // What has changed meanwhile was told to nobody who waits.
    this.#requireAllowed(connection);
    if (!connection.honours(grant)) throw new FlowError('auth_required');
    const session = { abort: () => connection.sessions.delete(session) && end() };
    connection.sessions.set(session, grant);
    return { access: grant, leave: () => void connection.sessions.delete(session) };
  }

  async readmit(login: VpnLogin, access: Access): Promise<boolean> {
    try {
      const { connection, grant } = await this.#authenticate(login);
      return (
        grant.connectionId === access.connectionId && connection.endedBy(this.#options.clock.now()) === null
      );
    } catch (error) {
      if (error instanceof FlowError) return false;
      throw error;
    }
  }

  /** @throws {FlowError} `auth_required`, or `overloaded` when too many slow checks wait */
  async #authenticate(login: VpnLogin): Promise<{ connection: LiveConnection; grant: Grant }> {
    const { directory, credentials } = this.#options;
    const connection = directory.byUsername(login.username);
    const byAddress = connection?.addressGrant(login.address);
    if (connection && byAddress) return { connection, grant: byAddress };
    const client = `${clientNetwork(login.address)} ${login.username.slice(0, 64)}`;
    if (!this.#attempts.allows(client)) throw new FlowError('auth_required');
    const grant = connection?.passwordGrant;
    const matches = await credentials.verify(connection?.snapshot.credential ?? NOBODY, login.password);
    if (connection && grant && matches && this.#attempts.allows(client)) return { connection, grant };
    if (!matches || !connection) this.#attempts.noteFailure(client);
    throw new FlowError('auth_required');
  }

  /** @throws {FlowError} why no client of this connection is let in now */
  #requireAllowed(connection: LiveConnection): void {
    const refusal = connection.refusal(this.#options.clock.now());
    if (refusal) throw new FlowError(refusal);
    const limit = Math.min(connection.snapshot.maxFlows ?? MAX_SESSIONS, MAX_SESSIONS);
    if (connection.sessions.size >= limit) throw new FlowError('too_many_flows');
  }

  /**
   * Waits for a phone that is away for a moment, as all are when the relay has started. One that rotates will be back:
   * its flows wait by themselves.
   * @throws {FlowError} `device_offline`
   */
  async #phone(deviceId: string): Promise<void> {
    const { devices, gate, clock } = this.#options;
    if (devices.has(deviceId) || gate.isHeld(deviceId)) return;
    const came = await new Promise<boolean>((resolve) => {
      const timer = clock.setTimeout(() => settle(false), PHONE_WAIT_MS);
      const stop = devices.onSession((id) => id === deviceId && settle(true));
      const settle = (result: boolean) => {
        timer.cancel();
        stop();
        resolve(result);
      };
    });
    if (!came) throw new FlowError('device_offline');
  }
}
