import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';
import { within } from '../harness/until.ts';
import { encodeAddress, type SocksProxy, type SocksTarget, socks5 } from './socks-client.ts';

export interface ReceivedDatagram {
  readonly host: string;
  readonly port: number;
  readonly data: Buffer;
}

/** One UDP association of a SOCKS5 client (RFC 1928 section 7). */
export class SocksUdp {
  /** The TCP connection whose end ends the association. */
  readonly control: Socket;
  /** Where the relay listens for this association. */
  readonly relay: SocksTarget;
  readonly received: ReceivedDatagram[] = [];
  readonly #udp: UdpSocket;

  private constructor(control: Socket, relay: SocksTarget, udp: UdpSocket) {
    this.control = control;
    this.relay = relay;
    this.#udp = udp;
    udp.on('error', () => {});
    udp.on('message', (message) => {
      this.received.push(decodeDatagram(message));
      udp.emit('lab-datagram');
    });
  }

  /** @throws {Error} with the reply's code when the association is refused */
  static async open(proxy: SocksProxy): Promise<SocksUdp> {
    const { socket, reply } = await socks5(proxy, 'udp', { host: '0.0.0.0', port: 0 });
    if (reply.code !== 0) {
      socket.destroy();
      throw new Error(`UDP ASSOCIATE was answered with ${reply.code}`);
    }
    const host = reply.host === '0.0.0.0' || /^[0:]+$/.test(reply.host) ? proxy.host : reply.host;
    const udp = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    udp.bind(0);
    await once(udp, 'listening');
    return new SocksUdp(socket, { host, port: reply.port }, udp);
  }

  /** Calls `listener` with each datagram from now on. */
  onDatagram(listener: (datagram: ReceivedDatagram) => void): void {
    this.#udp.on('message', (message) => listener(decodeDatagram(message)));
  }

  get localPort(): number {
    return this.#udp.address().port;
  }

  send(target: SocksTarget, data: string | Uint8Array): void {
    this.sendRaw(Buffer.concat([Buffer.from([0, 0, 0]), encodeAddress(target), Buffer.from(data)]));
  }

  sendRaw(datagram: Uint8Array): void {
    this.#udp.send(datagram, this.relay.port, this.relay.host);
  }

  /** The next datagram, or one that is here already. */
  async receive(withinMs = 5000): Promise<ReceivedDatagram> {
    while (this.received.length === 0) {
      await within('a datagram to arrive', withinMs, once(this.#udp, 'lab-datagram'));
    }
    return this.received.shift()!;
  }

  /** Sends until an answer comes, as clients do: UDP may lose any datagram. */
  async ask(target: SocksTarget, data: string | Uint8Array, attempts = 5): Promise<ReceivedDatagram> {
    for (let attempt = 1; ; attempt++) {
      this.send(target, data);
      try {
        return await this.receive(1000);
      } catch (error) {
        if (attempt === attempts) throw error;
      }
    }
  }

  close(): void {
    this.control.destroy();
    this.#udp.close();
  }
}

function decodeDatagram(message: Buffer): ReceivedDatagram {
  const type = message[3];
  const length = type === 1 ? 4 : type === 4 ? 16 : 1 + (message[4] ?? 0);
  const address = message.subarray(4, 4 + length);
  const host =
    type === 1
      ? [...address].join('.')
      : type === 4
        ? Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16)).join(':')
        : address.subarray(1).toString('latin1');
  return { host, port: message.readUInt16BE(4 + length), data: message.subarray(6 + length) };
}
