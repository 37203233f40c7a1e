import type { Duplex } from 'node:stream';
import { FLOW_ERRORS, FlowError } from '@pocketproxy/protocol';
import type { Access, ProxyCredentials } from '../../domain/ingress.ts';
import { authenticate } from '../authenticate.ts';
import type { Client } from '../client.ts';
import { connectClient } from '../client-flow.ts';
import { flowErrorOf } from '../flow-failure.ts';
import type { ListenerContext } from '../listener-context.ts';
import { Socks5Handshake, type Socks5Step } from './socks5-handshake.ts';
import {
  SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED,
  SOCKS5_COMMANDS,
  SOCKS5_METHODS,
  type Socks5Request,
} from './socks5-messages.ts';
import { socks5Reply } from './socks5-reply.ts';
import { associateUdp } from './udp-associate.ts';

const METHOD_NONE = Buffer.from([5, SOCKS5_METHODS.none]);
const METHOD_PASSWORD = Buffer.from([5, SOCKS5_METHODS.password]);
const METHOD_UNACCEPTABLE = Buffer.from([5, SOCKS5_METHODS.unacceptable]);
const LOGIN_ACCEPTED = Buffer.from([1, 0]);
const LOGIN_DENIED = Buffer.from([1, 1]);
/** The address from which the phone dials is not ours to know, so the bound address is unspecified. */
const SUCCEEDED = socks5Reply(0);

/** Serves one SOCKS5 client from its greeting to a joined flow or a UDP association. */
export class Socks5Session {
  readonly #context: ListenerContext;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #handshake = new Socks5Handshake();
  readonly #onData = (chunk: Buffer) => {
    this.#handshake.push(chunk);
    this.#advance();
  };
  #access: Access | null = null;

  constructor(context: ListenerContext, client: Client, stream: Duplex) {
    this.#context = context;
    this.#client = client;
    this.#stream = stream;
  }

  /** Begins with the bytes that were read already. */
  start(first: Buffer): void {
    this.#stream.on('data', this.#onData);
    this.#onData(first);
  }

  #advance(): void {
    try {
      for (let step = this.#handshake.next(); step !== null; step = this.#handshake.next()) this.#take(step);
    } catch (error) {
      flowErrorOf(error, this.#context.logger, this.#client.origin);
      this.#end(null);
    }
  }

  #take(step: Socks5Step): void {
    switch (step.kind) {
      case 'greeting':
        this.#chooseMethod(step.methods);
        return;
      case 'login':
        this.#login(step.credentials);
        return;
      case 'request':
        this.#serve(step.request);
        return;
      case 'address_type':
        this.#end(socks5Reply(SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED));
        return;
    }
  }

  #chooseMethod(methods: Uint8Array): void {
    const { ingress } = this.#context;
    if (methods.includes(SOCKS5_METHODS.none) && ingress.allowsWithoutPassword(this.#client.origin)) {
      this.#authenticate(null, METHOD_NONE, METHOD_UNACCEPTABLE);
    } else if (methods.includes(SOCKS5_METHODS.password)) {
      this.#stream.write(METHOD_PASSWORD);
      this.#handshake.expect('login');
    } else {
      this.#end(METHOD_UNACCEPTABLE);
    }
  }

  #login(credentials: ProxyCredentials): void {
    this.#authenticate(credentials, LOGIN_ACCEPTED, LOGIN_DENIED);
  }

  #authenticate(credentials: ProxyCredentials | null, accepted: Uint8Array, denied: Uint8Array): void {
    let waiting = false;
    const granted = (access: Access) => {
      if (this.#stream.destroyed) return;
      this.#access = access;
      this.#stream.write(accepted);
      this.#handshake.expect('request');
      if (!waiting) return;
      this.#stream.resume();
      this.#advance();
    };
    const refused = (error: unknown) => {
      flowErrorOf(error, this.#context.logger, this.#client.origin);
      this.#end(denied);
    };
    authenticate(this.#context.ingress, this.#client.origin, credentials, granted, refused);
    // A slow hash runs: what the client sends meanwhile stays in the socket.
    if (this.#access !== null || this.#stream.writableEnded) return;
    waiting = true;
    this.#stream.pause();
  }

  #serve(request: Socks5Request): void {
    if (request.command === SOCKS5_COMMANDS.connect) {
      this.#connect(request);
    } else if (request.command === SOCKS5_COMMANDS.udpAssociate) {
      this.#release();
      const { host, port } = request;
      const answer = { refused: this.#refused };
      associateUdp(this.#context, this.#client, this.#stream, this.#access!, { host, port }, answer);
    } else {
      this.#refused(new FlowError('unsupported', `SOCKS5 command ${request.command} is not supported`));
    }
  }

  #connect(request: Socks5Request): void {
    if (request.port === 0) {
      this.#refused(new FlowError('malformed_request', 'Port 0 is no destination'));
      return;
    }
    this.#release();
    const { host, port } = request;
    const answer = { opened: SUCCEEDED, refused: this.#refused };
    connectClient(this.#context, this.#client, this.#stream, this.#access!, { host, port }, answer);
  }

  readonly #refused = (error: unknown): void => {
    const { code } = flowErrorOf(error, this.#context.logger, this.#client.origin);
    this.#end(socks5Reply(FLOW_ERRORS[code].socks5));
  };

  /** Stops reading and puts what the client sent early back in front of what it will send. */
  #release(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.pause();
    if (this.#handshake.rest.length > 0) this.#stream.unshift(this.#handshake.rest);
  }

  #end(reply: Uint8Array | null): void {
    this.#stream.off('data', this.#onData);
    const { clients, limits } = this.#context;
    this.#client.endWith(this.#stream, reply, clients.now() + limits.lingerMs);
  }
}
