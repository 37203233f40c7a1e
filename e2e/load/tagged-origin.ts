import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { generatedChunks, generatedStream } from '../origins/generated-bytes.ts';
import { customerOf, type Tag } from './tag.ts';

/** Bytes of one customer as the origin saw them. TCP counts everything in the stream, heads included. */
export interface CustomerBytes {
  up: number;
  down: number;
}

/** What an origin has seen so far. */
export interface OriginTotals {
  /** By `customerOf` a tag. */
  readonly customers: Readonly<Record<string, CustomerBytes>>;
  /** What came with a tag that was not its own, in words; at most the first hundred. */
  readonly mixed: readonly string[];
}

const MIXED_KEPT = 100;

/**
 * The far side of the load lab: every answer depends on the tag of its flow, and whatever arrives is compared with it.
 * `/down/<tag>/<length>`, `/up/<tag>/<length>`, WebSockets below `/socket/<tag>`, and an echo of datagrams.
 */
export class TaggedOrigin {
  readonly #server: Server;
  readonly #datagrams = createSocket('udp4');
  readonly #closed = new Map<string, CustomerBytes>();
  /** Whose connection each is: known with its first request. */
  readonly #sockets = new Map<Socket, string | null>();
  readonly #mixed: string[] = [];

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => this.#follow(socket));
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket, request) => {
      const [, , tag = ''] = (request.url ?? '').split('/');
      this.#attribute(request.socket, tag);
      socket.on('error', () => socket.terminate());
      socket.on('message', (data, isBinary) => {
        if (!String(data).startsWith(`${tag} `)) this.#foreign(`a message in the WebSocket of ${tag}`);
        socket.send(data, { binary: isBinary });
      });
    });
    this.#datagrams.on('error', () => {});
    this.#datagrams.on('message', (message, from) => {
      const [tag = ''] = message.toString('latin1').split(' ', 1);
      const bytes = bytesOf(this.#closed, customerOf(tag));
      bytes.up += message.length;
      bytes.down += message.length;
      this.#datagrams.send(message, from.port, from.address);
    });
  }

  /** Starts to listen on loopback. Answers both ports. */
  async listen(): Promise<{ readonly tcp: number; readonly udp: number }> {
    this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    this.#datagrams.bind(0, '127.0.0.1');
    await Promise.all([once(this.#server, 'listening'), once(this.#datagrams, 'listening')]);
    return { tcp: (this.#server.address() as AddressInfo).port, udp: this.#datagrams.address().port };
  }

  /** Those of open connections included. */
  totals(): OriginTotals {
    const customers = new Map([...this.#closed].map(([name, bytes]) => [name, { ...bytes }]));
    for (const [socket, name] of this.#sockets) if (name !== null) addSocket(customers, name, socket);
    return { customers: Object.fromEntries(customers), mixed: this.#mixed };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {});
    response.on('error', () => {});
    const [, action, tag = '', length = '0'] = (request.url ?? '').split('/');
    if (action === 'totals') {
      response.end(JSON.stringify(this.totals()));
      return;
    }
    this.#attribute(request.socket, tag);
    response.setHeader('x-tag', tag);
    if (action === 'up') await this.#take(request, response, tag, Number(length));
    else await give(response, tag, Number(length));
  }

  async #take(request: IncomingMessage, response: ServerResponse, tag: Tag, length: number): Promise<void> {
    const whole = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    const genuine = whole.equals(Buffer.concat([...generatedChunks(tag, length)]));
    if (!genuine) this.#foreign(`the upload of ${tag}`);
    response.writeHead(genuine ? 200 : 409, { 'content-length': '0' }).end();
  }

  #follow(socket: Socket): void {
    this.#sockets.set(socket, null);
    socket.on('error', () => {});
    socket.once('close', () => {
      const name = this.#sockets.get(socket);
      this.#sockets.delete(socket);
      if (name) addSocket(this.#closed, name, socket);
    });
  }

  #attribute(socket: Socket, tag: Tag): void {
    const name = customerOf(tag);
    const before = this.#sockets.get(socket);
    if (before && before !== name) this.#foreign(`a request of ${tag} in a connection of ${before}`);
    else this.#sockets.set(socket, name);
  }

  #foreign(what: string): void {
    if (this.#mixed.length < MIXED_KEPT) this.#mixed.push(what);
  }
}

async function give(response: ServerResponse, tag: Tag, length: number): Promise<void> {
  response.setHeader('content-length', length);
  if (length > 64 * 1024) await pipeline(generatedStream(tag, length), response);
  else response.end(Buffer.concat([...generatedChunks(tag, length)]));
}

function addSocket(all: Map<string, CustomerBytes>, name: string, socket: Socket): void {
  const bytes = bytesOf(all, name);
  bytes.up += socket.bytesRead;
  bytes.down += socket.bytesWritten;
}

function bytesOf(all: Map<string, CustomerBytes>, name: string): CustomerBytes {
  const known = all.get(name);
  if (known) return known;
  const fresh = { up: 0, down: 0 };
  all.set(name, fresh);
  return fresh;
}
