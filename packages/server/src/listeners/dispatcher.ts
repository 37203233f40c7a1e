import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { FlowError } from '@pocketproxy/protocol';
import type { Client } from './client.ts';
import { protocolOf } from './first-byte.ts';
import type { HttpListener } from './http/http-listener.ts';
import { refusalBytes } from './http/refusal.ts';
import type { ListenerContext } from './listener-context.ts';
import { Socks4Session } from './socks/socks4-session.ts';
import { Socks5Session } from './socks/socks5-session.ts';

const SOCKS5_NO_METHOD = Buffer.from([5, 0xff]);
const SOCKS4_REJECTED = Buffer.from([0, 0x5b, 0, 0, 0, 0, 0, 0]);

/** Looks at the first byte of a client and hands it to the code of its protocol. */
export class Dispatcher {
  readonly #context: ListenerContext;
  readonly #http: HttpListener;
  readonly #secureContext: () => SecureContext | null;

  /** @param secureContext The relay's current certificate and key for HTTPS proxies; `null` refuses TLS. */
  constructor(context: ListenerContext, http: HttpListener, secureContext: () => SecureContext | null) {
    this.#context = context;
    this.#http = http;
    this.#secureContext = secureContext;
  }

  /** Takes a client that is in the registry already. */
  accept(client: Client): void {
    onFirstChunk(client.socket, (chunk) => {
      if (protocolOf(chunk[0]!) === 'tls') this.#startTls(client, chunk);
      else this.#serve(client, client.socket, chunk);
    });
  }

  /** Tells a client that there is no room for it, in its own protocol. */
  refuse(client: Client): void {
    onFirstChunk(client.socket, (chunk) => {
      const deadline = this.#context.clients.now() + this.#context.limits.lingerMs;
      client.endWith(client.socket, overloadedAnswer(chunk[0]!, client), deadline);
    });
  }

  #serve(client: Client, stream: Duplex, first: Buffer): void {
    switch (protocolOf(first[0]!)) {
      case 'socks5':
        new Socks5Session(this.#context, client, stream).start(first);
        return;
      case 'socks4':
        new Socks4Session(this.#context, client, stream).start(first);
        return;
      case 'http':
        stream.unshift(first);
        this.#http.accept(client, stream);
        return;
      case 'tls':
        // TLS inside TLS is nothing that a proxy client does.
        client.socket.destroy();
        return;
    }
  }

  #startTls(client: Client, first: Buffer): void {
    const secureContext = this.#secureContext();
    if (secureContext === null) {
      client.socket.destroy();
      return;
    }
    const { socket } = client;
    // Paused, so that the TLS stream finds the bytes when it starts to read by itself.
    socket.pause();
    socket.unshift(first);
    const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    // A failed handshake or a later alert ends in `close`.
    secure.on('error', () => secure.destroy());
    secure.on('end', () => {
      if (client.deadline !== 0 && !secure.writableEnded) secure.destroy();
    });
    onFirstChunk(secure, (chunk) => this.#serve(client, secure, chunk));
  }
}

/** Calls back with the first bytes of a stream, and leaves it flowing without a listener. */
function onFirstChunk(stream: Duplex, callback: (chunk: Buffer) => void): void {
  stream.once('data', callback);
}

function overloadedAnswer(firstByte: number, client: Client): Uint8Array | null {
  switch (protocolOf(firstByte)) {
    case 'socks5':
      return SOCKS5_NO_METHOD;
    case 'socks4':
      return SOCKS4_REJECTED;
    case 'http':
      return refusalBytes(new FlowError('overloaded'), { port: client.origin.port });
    case 'tls':
      return null;
  }
}
