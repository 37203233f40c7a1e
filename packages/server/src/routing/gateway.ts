import { timingSafeEqual } from 'node:crypto';
import { EXIT_IP_HOST, FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import type { Clock, FlowStream } from '@pocketproxy/runtime';
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
import type { ConnectionDirectory } from './connection-directory.ts';
import { ExitIpPage } from './exit-ip-page.ts';
import type { LiveConnection } from './live-connection.ts';
import type { LiveFlows } from './live-flows.ts';
import { RoutedAssociation } from './routed-association.ts';
import { RoutedFlow } from './routed-flow.ts';

const HTTP_PORT = 80;

export interface GatewayOptions {
  readonly directory: ConnectionDirectory;
  readonly tunnels: DeviceTunnels;
  readonly credentials: CredentialVerifier;
  readonly liveFlows: LiveFlows;
  readonly clock: Clock;
}

/** The way of every flow: who may use this port, whether now, and through which phone. */
export class Gateway implements Ingress {
  readonly #options: GatewayOptions;
  readonly #exitIpPage: ExitIpPage;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#exitIpPage = new ExitIpPage(options.tunnels);
  }

  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access> {
    const connection = this.#options.directory.byPort(origin.port);
    if (!connection) throw new FlowError('auth_required', 'This port belongs to no connection');
    if (connection.allowlist.includes(origin.address)) return connection.access;
    if (credentials === null) throw new FlowError('auth_required');
    // The password is checked even for a wrong user name, so that both take the same time.
    const verified = this.#options.credentials.verify(connection.snapshot.credential, credentials.password);
    const known = sameText(credentials.username, connection.snapshot.username);
    if (typeof verified === 'boolean') return grant(connection, verified && known);
    return verified.then((matches) => grant(connection, matches && known));
  }

  allowsWithoutPassword(origin: ClientOrigin): boolean {
    return this.#options.directory.byPort(origin.port)?.allowlist.includes(origin.address) ?? false;
  }

  async openFlow(access: Access, destination: Destination, signal?: AbortSignal): Promise<Flow> {
    const { tunnels, liveFlows } = this.#options;
    const connection = this.#admit(access);
    if (isExitIpHost(destination.host)) return this.#openExitIpPage(connection, destination);
    const { deviceId, allowPrivateDestinations: allowPrivate } = connection.snapshot;
    const stream = await this.#counted(connection, () =>
      tunnels.pick(deviceId).dial(destination, { allowPrivate, signal }),
    );
    return new RoutedFlow(connection, stream, connection.meter, liveFlows);
  }

  async openUdpAssociation(
    access: Access,
    onDatagram: (datagram: UdpDatagram) => void,
  ): Promise<UdpAssociation> {
    const { tunnels, liveFlows, clock } = this.#options;
    const connection = this.#admit(access);
    const { deviceId, allowPrivateDestinations: allowPrivate } = connection.snapshot;
    let association: RoutedAssociation | null = null;
    const channel = await this.#counted(connection, () =>
      tunnels.pick(deviceId).openDatagrams({ allowPrivate }, (datagram) => {
        if (association?.received(datagram)) onDatagram(datagram);
      }),
    );
    association = new RoutedAssociation(connection, channel, clock, liveFlows);
    return association;
  }

  #admit(access: Access): LiveConnection {
    const connection = this.#options.directory.byId(access.connectionId);
    if (!connection) throw new FlowError('connection_disabled', 'This connection no longer exists');
    const refusal = connection.refusal(this.#options.clock.now());
    if (refusal) throw new FlowError(refusal);
    return connection;
  }

  /** Counts the flow as open while it is dialled, so that parallel flows cannot pass the limit together. */
  async #counted<T extends { close(): void } | FlowStream>(
    connection: LiveConnection,
    open: () => Promise<T>,
  ): Promise<T> {
    connection.openFlows += 1;
    const { version } = connection.snapshot;
    try {
      const opened = await open();
      // The connection was changed meanwhile: what ended its other flows must end this one too.
      if (connection.snapshot.version !== version) {
        const refusal = connection.refusal(this.#options.clock.now());
        if (refusal !== null && refusal !== 'too_many_flows') {
          if ('reset' in opened) opened.reset();
          else opened.close();
          throw new FlowError(refusal);
        }
      }
      return opened;
    } catch (error) {
      connection.openFlows -= 1;
      throw error;
    }
  }

  #openExitIpPage(connection: LiveConnection, destination: Destination): Flow {
    if (destination.port !== HTTP_PORT) {
      throw new FlowError(
        'destination_refused',
        `${EXIT_IP_HOST} answers plain HTTP on port ${HTTP_PORT} only`,
      );
    }
    connection.openFlows += 1;
    // Not traffic of the phone, so it goes into a meter that nobody reads.
    return new RoutedFlow(
      connection,
      this.#exitIpPage.open(connection),
      { up: 0, down: 0 },
      this.#options.liveFlows,
    );
  }
}

function grant(connection: LiveConnection, allowed: boolean): Access {
  if (!allowed) throw new FlowError('auth_required');
  return connection.access;
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
