import type { UdpDatagram } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { DatagramChannel } from '../domain/device-tunnel.ts';
import type { UdpAssociation } from '../domain/ingress.ts';
import type { LiveConnection } from './live-connection.ts';
import type { LiveFlows } from './live-flows.ts';

/** A UDP association: every datagram is authorised anew and counted, payload bytes only. */
export class RoutedAssociation implements UdpAssociation {
  readonly closed: Promise<void>;
  readonly #connection: LiveConnection;
  readonly #channel: DatagramChannel;
  readonly #clock: Clock;
  readonly halfClosed = false;
  transferred = 0;

  /** The connection's `openFlows` must count this association already. */
  constructor(connection: LiveConnection, channel: DatagramChannel, clock: Clock, liveFlows: LiveFlows) {
    this.#connection = connection;
    this.#channel = channel;
    this.#clock = clock;
    connection.enders.add(this);
    liveFlows.add(this);
    this.closed = channel.closed.then(() => {
      connection.openFlows -= 1;
      connection.enders.delete(this);
      liveFlows.delete(this);
    });
  }

  send(datagram: UdpDatagram): void {
    if (!this.#authorised() || !this.#channel.send(datagram)) return;
    this.transferred += datagram.data.length;
    this.#connection.meter.up += datagram.data.length;
  }

  /** Counts a datagram from the phone; answers whether the client may have it. */
  received(datagram: UdpDatagram): boolean {
    if (!this.#authorised()) return false;
    this.transferred += datagram.data.length;
    this.#connection.meter.down += datagram.data.length;
    return true;
  }

  close(): void {
    this.#channel.close();
  }

  abort(): void {
    this.#channel.close();
  }

  #authorised(): boolean {
    const refusal = this.#connection.refusal(this.#clock.now());
    // This association is one of the open flows, so the flow limit alone says nothing against it.
    if (refusal === null || refusal === 'too_many_flows') return true;
    this.#channel.close();
    return false;
  }
}
