import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Sends every datagram back to where it came from, and remembers senders. */
export class UdpEcho {
  readonly received: { readonly from: string; readonly port: number; readonly bytes: number }[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (message, from) => {
      this.received.push({
        from: from.address.replace(/^::ffff:/, ''),
        port: from.port,
        bytes: message.length,
      });
      socket.send(message, from.port, from.address);
    });
  }

  static async start(host = '127.0.0.1', port = 0): Promise<UdpEcho> {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
    socket.bind(port, host);
    await once(socket, 'listening');
    return new UdpEcho(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Sends a datagram from the echo's own address to someone. */
  async send(data: string | Uint8Array, port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#socket.send(data, port, host, (error) => (error ? reject(error) : resolve())),
    );
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
