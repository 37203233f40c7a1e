import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Client } from './client.ts';
import { protocolOf } from './first-byte.ts';
import type { HttpListener } from './http/http-listener.ts';
import type { ListenerContext } from './listener-context.ts';
import { Socks4Session } from './socks/socks4-session.ts';
import { Socks5Session } from './socks/socks5-session.ts';

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
