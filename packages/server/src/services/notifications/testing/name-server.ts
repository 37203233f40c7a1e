import { createSocket } from 'node:dgram';
import { once } from 'node:events';

type Ipv4 = readonly [number, number, number, number];

/** A DNS server on loopback, by UDP, with one IPv4 address for whatever is asked: another one each time. */
export class FlippingNameServer {
  readonly #socket = createSocket('udp4');
  readonly #addresses: readonly Ipv4[];
  /** Questions for IPv4 addresses so far. */
  asked = 0;

  private constructor(addresses: readonly Ipv4[]) {
    this.#addresses = addresses;
    this.#socket.on('message', (query, from) =>
      this.#socket.send(this.#answer(query), from.port, from.address),
    );
  }

  static async start(...addresses: readonly Ipv4[]): Promise<FlippingNameServer> {
    const server = new FlippingNameServer(addresses);
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  /** As a resolver wants it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  close(): void {
    this.#socket.close();
  }

  /** RFC 1035 section 4.1: the question again, and one A record that points at its name. */
  #answer(query: Buffer): Buffer {
    const end = query.indexOf(0, 12) + 5;
    const isA = query.readUInt16BE(end - 4) === 1;
    const address = isA ? this.#addresses[this.asked++ % this.#addresses.length]! : null;
    const header = [...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, address ? 1 : 0, 0, 0, 0, 0];
    const record = address ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address] : [];
    return Buffer.from([...header, ...query.subarray(12, end), ...record]);
  }
}
