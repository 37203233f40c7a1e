import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network between one phone and its relay, which can be cut. */
export class NetworkGate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: 'up' | 'cut' | 'silent' = 'up';

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((phone) => {
      this.#follow(phone);
      if (this.#state === 'cut') {
        phone.resetAndDestroy();
        return;
      }
      const relay = connect({ ...target, noDelay: true });
      this.#follow(relay);
      phone.pipe(relay);
      relay.pipe(phone);
      phone.once('close', () => relay.destroy());
      relay.once('close', () => phone.destroy());
      if (this.#state === 'silent') this.#hold(phone, relay);
    });
  }

  /** Listens on a free port of loopback. */
  static async start(target: { readonly host: string; readonly port: number }): Promise<NetworkGate> {
    const gate = new NetworkGate(target);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets what is open, and every new attempt. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Carries nothing more and tells nobody, as when a phone drives into a tunnel. */
  silence(): void {
    this.#state = 'silent';
    this.#hold(...this.#sockets);
  }

  /** All is well again; what was held is delivered. */
  restore(): void {
    this.#state = 'up';
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #follow(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    // `pipe` resumes a socket whose target has drained.
    socket.on('resume', () => {
      if (this.#state === 'silent') socket.pause();
    });
  }

  #hold(...sockets: readonly Socket[]): void {
    for (const socket of sockets) socket.pause();
  }
}
