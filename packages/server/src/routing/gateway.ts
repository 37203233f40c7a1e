import { timingSafeEqual } from 'node:crypto';
import { EXIT_IP_HOST, FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { AttemptLimiter } from '../domain/attempt-limiter.ts';
import { clientNetwork } from '../domain/client-network.ts';
import type { DeviceTunnels } from '../domain/device-tunnel.ts';
import type {
  Access,
  ClientOrigin,
  Destination,
  Flow,
  Ingress,
  ProxyCredentials,
  UdpAssociation,
} from '../domain/ingress.ts';
import type { CredentialVerifier } from '../domain/secrets.ts';
import { type CheckedAccess, checkAccess } from './access-check.ts';
import type { Capacity } from './capacity.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import { ExitIpPage } from './exit-ip-page.ts';
import { type FlowOpening, openFlowOf } from './flow-opening.ts';
import type { Grant } from './grant.ts';
import type { LiveFlows } from './live-flows.ts';
import type { RotationGate } from './rotation-gate.ts';
import { RoutedAssociation } from './routed-association.ts';
import { RoutedFlow } from './routed-flow.ts';

const HTTP_PORT = 80;
/** Wrong passwords of one client for one user of a port, and for how long the pair is refused then. */
const LOGIN_FAILURES = 10;
const LOGIN_BLOCK_MS = 60_000;

export interface GatewayOptions {
  readonly directory: ConnectionDirectory;
  readonly tunnels: DeviceTunnels;
  readonly credentials: CredentialVerifier;
  readonly liveFlows: LiveFlows;
  readonly gate: RotationGate;
  readonly capacity: Pick<Capacity, 'shortage' | 'dialling' | 'dialled'>;
  readonly clock: Clock;
}

/** The way of every flow: who may use this port, whether now, and through which phone. */
export class Gateway implements Ingress {
  readonly #options: GatewayOptions;
  readonly #exitIpPage: ExitIpPage;
  readonly #attempts: AttemptLimiter;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#exitIpPage = new ExitIpPage(options.tunnels);
    this.#attempts = new AttemptLimiter(options.clock, LOGIN_FAILURES, LOGIN_BLOCK_MS);
  }

  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access> {
    const connection = this.#options.directory.byPort(origin.port);
    if (!connection) throw new FlowError('auth_required', 'This port belongs to no connection');
    const byAddress = connection.addressGrant(origin.address);
    if (byAddress) return byAddress;
    if (credentials === null) throw new FlowError('auth_required');
    const client = attemptKey(origin, credentials.username);
    if (!this.#attempts.allows(client)) throw new FlowError('auth_required');
    // The password is checked even for a wrong user name, so that both take the same time.
    const verified = this.#options.credentials.verify(connection.snapshot.credential, credentials.password);
    const granted = connection.passwordGrant;
    const known = sameText(credentials.username, connection.snapshot.username);
    if (typeof verified === 'boolean') return this.#judge(client, verified && known, granted);
    return verified.then((matches) => this.#judge(client, matches && known, granted));
  }

  allowsWithoutPassword(origin: ClientOrigin): boolean {
    return this.#options.directory.byPort(origin.port)?.allows(origin.address) ?? false;
  }

  async openFlow(access: Access, destination: Destination, signal?: AbortSignal): Promise<Flow> {
    const { tunnels, liveFlows, gate, capacity, clock } = this.#options;
    const { connection, grant } = this.#admit(access);
    const recheck = () => void this.#check(access);
    const opening = { connection, grant, gate, capacity, clock, signal, recheck };
    if (isExitIpHost(destination.host)) return await this.#openExitIpPage(opening, destination);
    const { deviceId, allowPrivateDestinations: allowPrivate } = connection.snapshot;
    return await openFlowOf(
      opening,
      (ended) => tunnels.pick(deviceId).dial(destination, { allowPrivate, signal: ended }),
      (stream) => new RoutedFlow({ connection, grant, stream, liveFlows }),
    );
  }

  async openUdpAssociation(
    access: Access,
    onDatagram: (datagram: UdpDatagram) => void,
    signal?: AbortSignal,
  ): Promise<UdpAssociation> {
    const { tunnels, liveFlows, gate, capacity, clock } = this.#options;
    const { connection, grant } = this.#admit(access);
    const recheck = () => void this.#check(access);
    const { deviceId, allowPrivateDestinations: allowPrivate } = connection.snapshot;
    let association: RoutedAssociation | null = null;
    const received = (datagram: UdpDatagram) => {
      if (association?.received(datagram)) onDatagram(datagram);
    };
    return await openFlowOf(
      { connection, grant, gate, capacity, clock, signal, recheck },
      (ended) => tunnels.pick(deviceId).openDatagrams({ allowPrivate, signal: ended }, received),
      (channel) => {
        association = new RoutedAssociation({ connection, grant, channel, clock, liveFlows });
        return association;
      },
    );
  }

  /**
   * Of many attempts whose slow hashes ran at once, those past the limit learn nothing either. What was right when it
   * was checked is no use if it has changed meanwhile: `granted` is of the password that was checked.
   */
  #judge(client: string, right: boolean, granted: Grant): Access {
    if (right && this.#attempts.allows(client)) return granted;
    if (!right) this.#attempts.noteFailure(client);
    throw new FlowError('auth_required');
  }

  /** @throws {FlowError} why this client may not open a flow now */
  #admit(access: Access): CheckedAccess {
    const admitted = this.#check(access);
    const refusal = admitted.connection.refusal(this.#options.clock.now());
    if (refusal) throw new FlowError(refusal);
    if (this.#options.capacity.shortage !== null) throw new FlowError('overloaded');
    return admitted;
  }

  /** @throws {FlowError} why this client may have no flows, however few it has */
  #check(access: Access): CheckedAccess {
    return checkAccess(this.#options.directory, this.#options.clock, access);
  }

  async #openExitIpPage(opening: FlowOpening, destination: Destination): Promise<Flow> {
    if (destination.port !== HTTP_PORT) {
      throw new FlowError(
        'destination_refused',
        `${EXIT_IP_HOST} answers plain HTTP on port ${HTTP_PORT} only`,
      );
    }
    const { connection, grant } = opening;
    const { liveFlows } = this.#options;
    return await openFlowOf(
      opening,
      async () => this.#exitIpPage.open(connection),
      // Not traffic of the phone, so it does not count.
      (stream) => new RoutedFlow({ connection, grant, stream, liveFlows, metered: false }),
    );
  }
}

/** Whose attempts are counted together. A network of IPv6 is one client, because it costs no more than one address. */
function attemptKey({ port, address }: ClientOrigin, username: string): string {
  return `${port} ${clientNetwork(address)} ${username.slice(0, 64)}`;
}

function isExitIpHost(host: string): boolean {
  return host.length >= EXIT_IP_HOST.length && host.toLowerCase().replace(/\.$/, '') === EXIT_IP_HOST;
}

/** Compares in time that depends on the lengths alone. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
