import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A TCP and UDP listener that nobody may reach; it remembers whoever did. */
export class Canary {
  /** TCP connections accepted. */
  connections = 0;
  /** UDP datagrams received. */
  datagrams = 0;
  /** Bytes received over TCP. */
  bytes = 0;
  readonly #tcp: Server;
  readonly #udp;

  private constructor(tcp: Server, udp: ReturnType<typeof createSocket>, onTouch: () => void) {
    this.#tcp = tcp;
    this.#udp = udp;
    tcp.on('connection', (socket) => {
      this.connections++;
      onTouch();
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        this.bytes += chunk.length;
      });
    });
    udp.on('message', () => {
      this.datagrams++;
      onTouch();
    });
    udp.on('error', () => {});
  }

  /** Listens on the same port of both protocols; `::` means all addresses of both families. */
  static async start(host = '127.0.0.1', port = 0, onTouch = (): void => {}): Promise<Canary> {
    const tcp = createServer();
    tcp.listen(port, host);
    await once(tcp, 'listening');
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    udp.bind((tcp.address() as AddressInfo).port, host);
    await once(udp, 'listening');
    return new Canary(tcp, udp, onTouch);
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** Whether anything arrived. */
  get touched(): boolean {
    return this.connections + this.datagrams + this.bytes > 0;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }
}
