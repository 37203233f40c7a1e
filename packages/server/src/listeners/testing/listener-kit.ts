import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { SecureContext } from 'node:tls';
import { type Clock, RealClock, silentLogger } from '@pocketproxy/runtime';
import { expect } from 'vitest';
import type { ListenerLimits } from '../limits.ts';
import { PortListeners } from '../port-listeners.ts';
import { FakeIngress } from './fake-ingress.ts';

export interface KitOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly clock?: Clock;
  readonly secureContext?: SecureContext;
  readonly announcedUdpHost?: string;
  readonly address?: string;
}

/** Real listeners on one free port of loopback, in front of a fake ingress. */
export class ListenerKit {
  readonly ingress = new FakeIngress();
  readonly listeners: PortListeners;
  readonly #cleanups: (() => unknown)[] = [];
  port = 0;

  constructor(options: KitOptions = {}) {
    this.listeners = new PortListeners({
      ingress: this.ingress,
      clock: options.clock ?? new RealClock(),
      logger: silentLogger(),
      address: options.address ?? '127.0.0.1',
      secureContext: () => options.secureContext ?? null,
      limits: options.limits,
      announcedUdpHost: options.announcedUdpHost,
    });
  }

  static async start(options: KitOptions = {}): Promise<ListenerKit> {
    const kit = new ListenerKit(options);
    kit.port = await kit.listeners.open(0);
    return kit;
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    await this.listeners.closeAll(0);
  }

  /** An HTTP origin. Answers its port. */
  async httpOrigin(handler: http.RequestListener): Promise<{ port: number; server: http.Server }> {
    const server = http.createServer(handler);
    return { port: await this.#listen(server, () => server.closeAllConnections()), server };
  }

  /** A TCP origin that does with its clients what `handler` says. */
  async tcpOrigin(handler: (socket: net.Socket) => void): Promise<{ port: number; server: net.Server }> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      handler(socket);
    });
    const port = await this.#listen(server, () => {
      for (const socket of sockets) socket.destroy();
    });
    return { port, server };
  }

  async #listen(server: net.Server, closeClients: () => void): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#cleanups.push(async () => {
      const closed = once(server, 'close');
      server.close();
      closeClients();
      await closed;
    });
    return (server.address() as net.AddressInfo).port;
  }

  /** A raw client of the proxy port. */
  async connect(port = this.port): Promise<RawClient> {
    const client = new RawClient(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    this.#cleanups.push(() => client.socket.destroy());
    await once(client.socket, 'connect');
    return client;
  }
}

/** A socket whose input is waited for by content, never by time. */
export class RawClient {
  readonly socket: net.Socket;
  received: Buffer = Buffer.alloc(0);
  /** How the connection ended for this side, once it did. */
  ended: 'fin' | 'reset' | null = null;
  #waiting: (() => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    socket.on('end', () => {
      this.ended ??= 'fin';
      this.#wake();
    });
    socket.on('error', () => {
      this.ended ??= 'reset';
      this.#wake();
    });
    socket.on('close', () => {
      this.ended ??= 'reset';
      this.#wake();
    });
  }

  send(bytes: string | Uint8Array | number[]): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes));
    return this;
  }

  /** Waits for `count` bytes and takes them. */
  async take(count: number): Promise<Buffer> {
    await this.until(() => this.received.length >= count);
    const taken = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return taken;
  }

  /** Waits for text and takes everything up to its end. */
  async takeThrough(text: string): Promise<string> {
    await this.until(() => this.received.includes(text));
    const end = this.received.indexOf(text) + text.length;
    return (await this.take(end)).toString('latin1');
  }

  /** Waits for an HTTP answer with Content-Length (or none) and takes it. */
  async takeAnswer(): Promise<{ status: number; head: string; body: string }> {
    const head = await this.takeThrough('\r\n\r\n');
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = (await this.take(length)).toString();
    return { status: Number(head.split(' ')[1]), head, body };
  }

  /** Waits for the end of the connection and answers how it came. */
  async end(): Promise<'fin' | 'reset'> {
    await this.until(() => this.ended !== null, true);
    return this.ended!;
  }

  async until(condition: () => boolean, endIsFine = false): Promise<void> {
    while (!condition()) {
      if (this.ended !== null && !endIsFine) {
        throw new Error(`connection ended (${this.ended}) after: ${this.received.toString('latin1')}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Asks again until the answer is as expected, for as long as a busy machine may need. */
export function eventually<T>(ask: () => T) {
  return expect.poll(ask, { timeout: 15_000, interval: 10 });
}

/** A Proxy-Authorization field, with its line end. */
export function proxyAuthorization(userAndPassword = 'user:secret'): string {
  return `Proxy-Authorization: Basic ${Buffer.from(userAndPassword).toString('base64')}\r\n`;
}
