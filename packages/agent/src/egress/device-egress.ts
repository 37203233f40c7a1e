import { isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { FlowError, type HostLiteral, parseHostLiteral, type UdpDatagram } from '@pocketproxy/protocol';
import { type Clock, type Logger, resetSocket } from '@pocketproxy/runtime';
import { type DestinationPolicy, refusal } from './destination-policy.ts';
import type { DnsForwarder } from './dns-forwarder.ts';
import type { ConnectOptions, Destination, Egress, EgressState, EgressUdp, FlowPolicy } from './egress.ts';
import { type EgressPath, type EgressSource, localAddressFor } from './egress-path.ts';
import { fetchExitIp, type RelayEndpoint } from './exit-ip.ts';
import { type DialAddress, type Dialled, type DialPlan, type DialTimes, dial } from './happy-eyeballs.ts';
import type { NameResolver, Resolution } from './name-resolver.ts';
import { type ByteCounts, SocketBytes } from './socket-bytes.ts';
import { UdpAssociation } from './udp-association.ts';

export interface DeviceEgressOptions {
  readonly path: EgressPath;
  readonly resolver: NameResolver;
  readonly dns: DnsForwarder;
  readonly policy: DestinationPolicy;
  readonly relay: RelayEndpoint;
  readonly clock: Clock;
  readonly log: Logger;
  readonly times?: DialTimes;
}

const TIMES: DialTimes = { connectTimeoutMs: 10_000, attemptDelayMs: 250 };
const LOCALHOST: readonly DialAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The egress of a real device: sockets of this process, bound to the chosen path. */
export class DeviceEgress implements Egress {
  readonly #options: DeviceEgressOptions;
  readonly #times: DialTimes;
  /** Sockets live and die with the path's addresses. */
  readonly #open = new Set<Socket>();
  readonly #associations = new Set<UdpAssociation>();
  readonly #bytes = new SocketBytes();

  constructor(options: DeviceEgressOptions) {
    this.#options = options;
    this.#times = options.times ?? TIMES;
    options.path.onChange(() => this.#pathChanged());
  }

  async connect({ host, port }: Destination, options: ConnectOptions): Promise<Socket> {
    this.#options.policy.checkPort(port);
    const literal = parseHostLiteral(host);
    switch (literal.kind) {
      case 'refused':
        throw refusal(`Destination is refused: ${literal.reason}`);
      case 'address': {
        this.#options.policy.checkAddress(literal.address, options);
        return this.#dial({
          addresses: [literal],
          port,
          source: await this.#source(),
          signal: options.signal,
        });
      }
      case 'localhost': {
        if (!options.allowPrivate) throw refusal('Destination is a loopback address');
        return this.#dial({
          addresses: LOCALHOST,
          port,
          source: await this.#source(),
          signal: options.signal,
        });
      }
      case 'name': {
        const source = await this.#source();
        const { addresses, more } = await this.#resolveChecked(literal.name, source, options);
        return this.#dial({ addresses, more, port, source, signal: options.signal });
      }
    }
  }

  openUdp(policy: FlowPolicy, onDatagram: (datagram: UdpDatagram) => void): EgressUdp {
    const { path, log } = this.#options;
    path.sourceNow();
    const association = new UdpAssociation({
      source: () => path.sourceNow(),
      locate: (host, port) => this.#locate(host, port, policy),
      onDatagram: (datagram) => {
        this.#bytes.add({ up: 0, down: datagram.data.length });
        onDatagram(datagram);
      },
      log,
    });
    this.#associations.add(association);
    return {
      send: (datagram) => {
        this.#bytes.add({ up: datagram.data.length, down: 0 });
        association.send(datagram);
      },
      close: () => {
        this.#associations.delete(association);
        association.close();
      },
    };
  }

  async queryDns(message: Uint8Array): Promise<Uint8Array> {
    const { path, dns } = this.#options;
    const answer = await dns.forward(message, await this.#source(), path.bound);
    this.#bytes.add({ up: message.length, down: answer.length });
    return answer;
  }

  async exitIp(): Promise<string> {
    const { relay } = this.#options;
    const source = await this.#source();
    const addresses = await this.#relayAddresses(relay.host, source);
    const socket = await this.#dial({ ...addresses, port: relay.port, source });
    return fetchExitIp(socket, relay);
  }

  state(): EgressState {
    try {
      return { ready: true, address: addressOf(this.#options.path.sourceNow()) };
    } catch (error) {
      if (error instanceof FlowError) return { ready: false, reason: error.detail };
      throw error;
    }
  }

  egressAddress(): string | null {
    const state = this.state();
    return state.ready ? state.address : null;
  }

  bytes(): ByteCounts {
    return this.#bytes.total;
  }

  endFlows(): void {
    this.#options.dns.reset();
    for (const association of this.#associations) association.closeSockets();
    this.#endOpen(() => true);
  }

  async close(): Promise<void> {
    for (const association of this.#associations) association.close();
    this.#associations.clear();
    this.#endOpen(() => true);
    this.#options.dns.reset();
    this.#options.resolver.reset();
    await this.#options.path.close();
  }

  #source(): EgressSource | Promise<EgressSource> {
    return this.#options.path.source();
  }

  async #dial(plan: DialPlan): Promise<Socket> {
    let dialled: Dialled;
    try {
      dialled = await dial(plan, this.#times, this.#options.clock);
    } catch (error) {
      // The failure may be that of a path that has just gone: that is the better reason.
      this.#options.path.sourceNow();
      throw error;
    }
    const { socket, address } = dialled;
    if (!isCurrent(this.#options.path, socket, address)) {
      socket.destroy();
      throw pathChanged();
    }
    this.#bytes.follow(socket);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /** Resolves, and keeps only what may be reached. @throws {FlowError} destination_refused when that is nothing */
  async #resolveChecked(name: string, source: EgressSource, policy: FlowPolicy): Promise<Resolution> {
    const { addresses, more } = await this.#options.resolver.resolve(name, source, this.#options.path.bound);
    const allowed = this.#allowed(addresses, policy);
    if (allowed.length > 0) {
      return { addresses: allowed, more: more?.then((late) => this.#allowed(late, policy)) ?? null };
    }
    const late = this.#allowed((await more) ?? [], policy);
    if (late.length > 0) return { addresses: late, more: null };
    const reason = this.#options.policy.refusedAddress(addresses[0]!.address, policy);
    throw refusal(`Destination is a name of ${reason}`);
  }

  /** Addresses in canonical spelling, so that exactly what was checked is dialled. */
  #allowed(addresses: readonly DialAddress[], policy: FlowPolicy): readonly DialAddress[] {
    return addresses
      .map(({ address }) => parseHostLiteral(address))
      .filter((literal): literal is HostLiteral & { kind: 'address' } => literal.kind === 'address')
      .filter(({ address }) => this.#options.policy.refusedAddress(address, policy) === null);
  }

  #locate(host: string, port: number, policy: FlowPolicy): DialAddress | Promise<DialAddress> {
    this.#options.policy.checkPort(port);
    const literal = parseHostLiteral(host);
    if (literal.kind === 'refused') throw refusal(`Destination is refused: ${literal.reason}`);
    if (literal.kind === 'name') return this.#locateName(literal.name, policy);
    if (literal.kind === 'localhost') {
      if (!policy.allowPrivate) throw refusal('Destination is a loopback address');
      return LOCALHOST[0]!;
    }
    this.#options.policy.checkAddress(literal.address, policy);
    return literal;
  }

  async #locateName(name: string, policy: FlowPolicy): Promise<DialAddress> {
    const { addresses } = await this.#resolveChecked(name, this.#options.path.sourceNow(), policy);
    // There is no connection to race for: IPv4 works from more places.
    return addresses.find((one) => one.family === 4) ?? addresses[0]!;
  }

  /** The relay is ours: its addresses are not checked, on a private network it has private ones. */
  async #relayAddresses(host: string, source: EgressSource): Promise<Resolution> {
    const family = isIP(host);
    if (family === 4 || family === 6) return { addresses: [{ address: host, family }], more: null };
    if (host === 'localhost') return { addresses: LOCALHOST, more: null };
    return this.#options.resolver.resolve(host, source, this.#options.path.bound);
  }

  #pathChanged(): void {
    this.#options.resolver.reset();
    this.#options.dns.reset();
    for (const association of this.#associations) association.closeSockets();
    this.#endOpen((socket) => !isCurrent(this.#options.path, socket, socket.remoteAddress ?? ''));
  }

  /**
   * A flow from an address that is gone can only hang, or leave by another interface. The reset makes the kernel
   * forget what it still had to send.
   */
  #endOpen(which: (socket: Socket) => boolean): void {
    for (const socket of this.#open) {
      if (!which(socket)) continue;
      const isReset = resetSocket(socket);
      // Older versions of Node wait for what is still to be written.
      if (isReset) socket.destroy();
    }
  }
}

/** Whether the address of a socket to `destination` is still the one that the path would give it. */
function isCurrent(path: EgressPath, socket: Socket, destination: string): boolean {
  try {
    const expected = localAddressFor(path.sourceNow(), destination);
    return expected === 'any' || expected === socket.localAddress;
  } catch {
    return false;
  }
}

function pathChanged(): FlowError {
  return new FlowError('egress_unavailable', 'The mobile address changed');
}

function addressOf({ ipv4, ipv6, loopback }: EgressSource): string | null {
  if (loopback !== undefined) return loopback;
  if (ipv4 !== 'any' && ipv4 !== null) return ipv4;
  if (ipv6 !== 'any' && ipv6 !== null) return ipv6;
  return firstOutsideAddress();
}

/** What a device on the default route is reached at, most likely. */
function firstOutsideAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside =
    all.find((one) => !one.internal && one.family === 'IPv4') ?? all.find((one) => !one.internal);
  return (outside ?? all[0])?.address ?? null;
}
