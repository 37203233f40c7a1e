import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import {
  DNS_MESSAGE_MAX,
  DNS_MESSAGE_TYPE,
  FLOW_ERRORS,
  FlowError,
  TELEMETRY_INTERVAL_MS,
  TUNNEL_HEADERS,
  TUNNEL_PATHS,
} from '@pocketproxy/protocol';
import {
  bridge,
  type Clock,
  DatagramStream,
  FlowControlChannel,
  flowStream,
  type Logger,
} from '@pocketproxy/runtime';
import type { Egress } from '../egress/egress.ts';
import type { Platform } from '../platform/platform.ts';
import { type OrderTaker, orderId, readOrder } from './order-requests.ts';
import { readBody } from './read-body.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = http2.constants;

const ADDRESS_WATCH_MS = 1_000;

/** What answers the relay's requests. */
export interface RequestHandlers {
  readonly egress: Egress;
  readonly platform: Platform;
  readonly orders: OrderTaker;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answers the relay's requests on one session; docs/protocol.md lists them. */
export class TunnelRequests {
  readonly flowControl = new FlowControlChannel();
  readonly #handlers: RequestHandlers;
  /** Streams of orders whose outcome is not with the relay yet. */
  readonly #owed = new Set<ServerHttp2Stream>();
  #onNothingOwed: (() => void) | null = null;

  constructor(handlers: RequestHandlers) {
    this.#handlers = handlers;
  }

  /** Takes one stream over; every failure is answered on the stream. */
  handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {});
    const method = headers[':method'];
    if (method === 'CONNECT') {
      void this.#connect(stream, headers);
      return;
    }
    const route = `${method} ${headers[':path']}`;
    if (route === `POST ${TUNNEL_PATHS.udp}`) this.#associate(stream, headers);
    else if (route === `POST ${TUNNEL_PATHS.flowControl}`) this.#attachFlowControl(stream);
    else if (route === `GET ${TUNNEL_PATHS.telemetry}`) void this.#report(stream);
    else if (route === `GET ${TUNNEL_PATHS.exitIp}`) void this.#answerExitIp(stream);
    else if (route === `POST ${TUNNEL_PATHS.dnsQuery}`) void this.#answerDns(stream);
    else if (method === 'POST' && headers[':path']?.startsWith(TUNNEL_PATHS.commands)) {
      void this.#answerOrder(stream, headers[':path']);
    } else refuse(stream, new FlowError('unsupported', 'This agent does not know the request; update it'));
  }

  /** Resolves when every outcome of an order was written. */
  answered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#owed.size === 0) resolve();
      else this.#onNothingOwed = resolve;
    });
  }

  async #connect(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // Registered at once: the relay may grant before the destination has answered.
    const window = this.flowControl.open(stream.id!);
    const cancelled = new AbortController();
    const cancel = () => {
      window.release();
      cancelled.abort();
    };
    stream.once('close', cancel);
    try {
      const destination = parseAuthority(headers[':authority']);
      const socket = await this.#handlers.egress.connect(destination, {
        allowPrivate: allowsPrivate(headers),
        signal: cancelled.signal,
      });
      if (stream.destroyed || stream.closed) {
        socket.destroy();
        return;
      }
      stream.off('close', cancel);
      stream.respond({ ':status': 200 });
      bridge(socket, flowStream(stream, window), { up: 0, down: 0 }, () => {});
    } catch (error) {
      refuse(stream, asFlowError(error, this.#handlers.log));
    }
  }

  #associate(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    try {
      const udp = this.#handlers.egress.openUdp({ allowPrivate: allowsPrivate(headers) }, (datagram) => {
        datagrams.send(datagram);
      });
      stream.once('close', () => udp.close());
      stream.once('end', () => stream.end());
      const datagrams = new DatagramStream(stream, (datagram) => udp.send(datagram));
      stream.respond({ ':status': 200 });
    } catch (error) {
      refuse(stream, asFlowError(error, this.#handlers.log));
    }
  }

  #attachFlowControl(stream: ServerHttp2Stream): void {
    stream.respond({ ':status': 200 });
    this.flowControl.attach(stream);
  }

  async #report(stream: ServerHttp2Stream): Promise<void> {
    const { platform, egress, clock, log } = this.#handlers;
    stream.respond({ ':status': 200 });
    const send = async (line: Promise<object>): Promise<void> => {
      const text = `${JSON.stringify(await line)}\n`;
      if (stream.writable) stream.write(text);
    };
    const sendTelemetry = () =>
      send(platform.telemetry().then((state) => ({ ...state, egressAddress: egress.egressAddress() }))).catch(
        (error: unknown) => log.warn({ err: error }, 'telemetry not sent'),
      );
    await send(platform.hello()).catch(() => stream.close(NGHTTP2_CANCEL));
    // A device may take long to say what it can do, and a session that ended meanwhile tells no more.
    if (stream.destroyed || stream.closed) return;
    void sendTelemetry();
    // A changed address is told at once: the relay then observes the new exit address.
    let address = egress.egressAddress();
    const watch = clock.setInterval(() => {
      if (egress.egressAddress() === address) return;
      address = egress.egressAddress();
      void sendTelemetry();
    }, ADDRESS_WATCH_MS);
    const interval = clock.setInterval(() => void sendTelemetry(), TELEMETRY_INTERVAL_MS);
    stream.once('close', () => {
      watch.cancel();
      interval.cancel();
    });
  }

  /** The status says that the order was understood; the outcome follows when there is one. */
  async #answerOrder(stream: ServerHttp2Stream, path: string): Promise<void> {
    try {
      const id = orderId(path);
      const order = await readOrder(stream);
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      this.#owe(stream);
      const outcome = await this.#handlers.orders.take(id, order);
      if (!stream.destroyed) stream.end(JSON.stringify(outcome));
    } catch (error) {
      const refusal = asFlowError(error, this.#handlers.log);
      if (stream.headersSent) stream.close(NGHTTP2_INTERNAL_ERROR);
      else refuse(stream, refusal);
    }
  }

  #owe(stream: ServerHttp2Stream): void {
    this.#owed.add(stream);
    stream.once('close', () => {
      this.#owed.delete(stream);
      if (this.#owed.size === 0) this.#onNothingOwed?.();
    });
  }

  async #answerDns(stream: ServerHttp2Stream): Promise<void> {
    try {
      const query = await readBody(stream, DNS_MESSAGE_MAX);
      const answer = await this.#handlers.egress.queryDns(query);
      if (stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': DNS_MESSAGE_TYPE });
      stream.end(answer);
    } catch (error) {
      refuse(stream, asFlowError(error, this.#handlers.log));
    }
  }

  async #answerExitIp(stream: ServerHttp2Stream): Promise<void> {
    try {
      const ip = await this.#handlers.egress.exitIp();
      if (stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      stream.end(JSON.stringify({ ip }));
    } catch (error) {
      refuse(stream, asFlowError(error, this.#handlers.log));
    }
  }
}

function allowsPrivate(headers: IncomingHttpHeaders): boolean {
  return headers[TUNNEL_HEADERS.allowPrivate] === '1';
}

/** @throws {FlowError} `malformed_request` */
function parseAuthority(authority: string | undefined): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(authority ?? '');
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65535) {
    throw new FlowError('malformed_request', 'The authority of a CONNECT is host:port');
  }
  return { host, port };
}

function asFlowError(error: unknown, log: Logger): FlowError {
  if (error instanceof FlowError) return error;
  log.error({ err: error }, 'request failed');
  return new FlowError('internal_error');
}

function refuse(stream: ServerHttp2Stream, error: FlowError): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  stream.respond(
    {
      ':status': FLOW_ERRORS[error.code].http,
      [TUNNEL_HEADERS.error]: error.code,
      [TUNNEL_HEADERS.detail]: encodeURIComponent(error.detail),
    },
    { endStream: true },
  );
}
