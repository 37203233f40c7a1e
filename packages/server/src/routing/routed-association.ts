import type { UdpDatagram } from '@pocketproxy/protocol';
import type { Clock, RateLimit } from '@pocketproxy/runtime';
import type { DatagramChannel } from '../domain/device-tunnel.ts';
import type { UdpAssociation } from '../domain/ingress.ts';
import type { Grant } from './grant.ts';
import type { LiveConnection } from './live-connection.ts';
import type { LiveFlows } from './live-flows.ts';

export interface RoutedAssociationOptions {
  /** Its `openFlows` must count this association already. */
  readonly connection: LiveConnection;
  /** How the client was let in. */
  readonly grant: Grant;
  readonly channel: DatagramChannel;
  readonly clock: Clock;
  readonly liveFlows: LiveFlows;
}

/**
 * A UDP association: every datagram is authorised anew and counted, payload bytes only. Datagrams above the limit of
 * speed are dropped, and not counted.
 */
export class RoutedAssociation implements UdpAssociation {
  readonly closed: Promise<void>;
  readonly #connection: LiveConnection;
  readonly #channel: DatagramChannel;
  readonly #clock: Clock;
  readonly halfClosed = false;
  transferred = 0;

  constructor({ connection, grant, channel, clock, liveFlows }: RoutedAssociationOptions) {
    this.#connection = connection;
    this.#channel = channel;
    this.#clock = clock;
    connection.enders.set(this, grant);
    liveFlows.add(this);
    this.closed = channel.closed.then(() => {
      connection.openFlows -= 1;
      connection.enders.delete(this);
      liveFlows.delete(this);
    });
  }

  send(datagram: UdpDatagram): void {
    const { length } = datagram.data;
    const { usage, up } = this.#connection;
    if (!this.#authorised() || !isWithin(up, length) || !this.#channel.send(datagram)) return;
    usage.meter.up += length;
    this.#count(length);
  }

  /** Counts a datagram from the phone; answers whether the client may have it. */
  received(datagram: UdpDatagram): boolean {
    const { length } = datagram.data;
    const { usage, down } = this.#connection;
    if (!this.#authorised() || !isWithin(down, length)) return false;
    usage.meter.down += length;
    this.#count(length);
    return true;
  }

  close(): void {
    this.#channel.close();
  }

  abort(): void {
    this.#channel.close();
  }

  #authorised(): boolean {
    if (this.#connection.endedBy(this.#clock.now()) === null) return true;
    this.#channel.close();
    return false;
  }

  #count(bytes: number): void {
    this.transferred += bytes;
    this.#connection.left -= bytes;
    if (this.#connection.left <= 0) this.#connection.spent();
  }
}

function isWithin(limit: RateLimit | null, bytes: number): boolean {
  return limit === null || limit.admits(bytes);
}
