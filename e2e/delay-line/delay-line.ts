import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { DelayedDirection, type DirectionShape } from './delayed-direction.ts';

export interface DelayLineOptions extends DirectionShape {
  /** Where connections go. */
  readonly host: string;
  readonly port: number;
  readonly listenHost?: string | undefined;
  readonly listenPort?: number | undefined;
}

/** A TCP proxy that makes the way long, and narrow only when it is asked to. */
export class DelayLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(options: DelayLineOptions): Promise<DelayLine> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    const line = new DelayLine(server);
    server.on('connection', (outer) => line.#join(outer, options));
    server.listen(options.listenPort ?? 0, options.listenHost ?? '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection at once, with a RST. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(outer: Socket, { host, port, ...shape }: DelayLineOptions): void {
    const inner = connect({ host, port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', (failed) => {
        this.#sockets.delete(socket);
        if (failed) other.destroy();
      });
    }
    new DelayedDirection(outer, inner, shape);
    new DelayedDirection(inner, outer, shape);
    outer.resume();
  }
}
