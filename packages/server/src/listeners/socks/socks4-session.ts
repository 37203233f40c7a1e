import type { Duplex } from 'node:stream';
import { FlowError } from '@pocketproxy/protocol';
import type { Access } from '../../domain/ingress.ts';
import { authenticate } from '../authenticate.ts';
import type { Client } from '../client.ts';
import { connectClient } from '../client-flow.ts';
import { flowErrorOf } from '../flow-failure.ts';
import type { ListenerContext } from '../listener-context.ts';
import { parseSocks4Request, SOCKS4_CONNECT, type Socks4Request } from './socks4-messages.ts';

/** Reply codes of SOCKS4: there is one for success and one for every failure that is not about ident. */
const GRANTED = Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]);
const REJECTED = Buffer.from([0, 0x5b, 0, 0, 0, 0, 0, 0]);

/** Serves one SOCKS4 or SOCKS4a client: CONNECT only. */
export class Socks4Session {
  readonly #context: ListenerContext;
  readonly #client: Client;
  readonly #stream: Duplex;
  #input: Buffer = Buffer.alloc(0);
  readonly #onData = (chunk: Buffer) => this.#read(chunk);

  constructor(context: ListenerContext, client: Client, stream: Duplex) {
    this.#context = context;
    this.#client = client;
    this.#stream = stream;
  }

  /** Begins with the bytes that were read already. */
  start(first: Buffer): void {
    this.#stream.on('data', this.#onData);
    this.#read(first);
  }

  #read(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    try {
      const parsed = parseSocks4Request(this.#input);
      if (parsed === null) return;
      this.#stream.off('data', this.#onData);
      this.#stream.pause();
      const rest = this.#input.subarray(parsed.end);
      if (rest.length > 0) this.#stream.unshift(rest);
      this.#serve(parsed.value);
    } catch (error) {
      flowErrorOf(error, this.#context.logger, this.#client.origin);
      this.#end(null);
    }
  }

  #serve(request: Socks4Request): void {
    if (request.command !== SOCKS4_CONNECT) {
      this.#refused(new FlowError('unsupported', `SOCKS4 command ${request.command} is not supported`));
    } else if (request.port === 0) {
      this.#refused(new FlowError('malformed_request', 'Port 0 is no destination'));
    } else {
      const granted = (access: Access) => this.#connect(access, request);
      const { ingress } = this.#context;
      authenticate(ingress, this.#client.origin, request.credentials, granted, this.#refused);
    }
  }

  #connect(access: Access, request: Socks4Request): void {
    if (this.#stream.destroyed) return;
    const { host, port } = request;
    const answer = { opened: GRANTED, refused: this.#refused };
    connectClient(this.#context, this.#client, this.#stream, access, { host, port }, answer);
  }

  readonly #refused = (error: unknown): void => {
    flowErrorOf(error, this.#context.logger, this.#client.origin);
    this.#end(REJECTED);
  };

  #end(reply: Uint8Array | null): void {
    this.#stream.off('data', this.#onData);
    const { clients, limits } = this.#context;
    this.#client.endWith(this.#stream, reply, clients.now() + limits.lingerMs);
  }
}
