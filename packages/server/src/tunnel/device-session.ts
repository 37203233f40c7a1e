import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import {
  type CommandOrder,
  type CommandOutcome,
  DNS_MESSAGE_MAX,
  DNS_MESSAGE_TYPE,
  FlowError,
  type GoawayReason,
  H2_CONNECTION_WINDOW,
  H2_STREAM_WINDOW,
  isDnsAnswerTo,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  TUNNEL_HEADERS,
  TUNNEL_PATHS,
  type UdpDatagram,
} from '@pocketproxy/protocol';
import {
  type Clock,
  DatagramStream,
  FlowControlChannel,
  type FlowStream,
  flowStream,
  SessionWatchdog,
} from '@pocketproxy/runtime';
import type { DatagramChannel, DeviceTunnel, DialOptions } from '../domain/device-tunnel.ts';
import type { Destination } from '../domain/ingress.ts';
import { outcomeWithinMs } from '../domain/order-limits.ts';
import { FloodWatch } from './flood-watch.ts';
import { parseExitIp, parseOutcome, readBody, readRefusal } from './session-answers.ts';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = http2.constants;

/** An agent answers within its own limits (10 s to connect, and DNS before it); past this it is broken. */
const ANSWER_TIMEOUT_MS = 25_000;
const READY_TIMEOUT_MS = 10_000;
/** A takeover wants to know soon whether the older session is still alive. */
const TAKEOVER_PROBE_MS = 3_000;
const EXIT_IP_LIMIT_BYTES = 4_096;
/** 4,000 characters of output in the longest spelling that JSON has, and some more. */
const OUTCOME_LIMIT_BYTES = 32 * 1024;
/** MB as Node counts them; the default of 10 would refuse new flows of a busy phone. */
const MAX_SESSION_MEMORY_MB = 1_024;

const MAX_REQUESTS = 2 ** 30 - 1;

/** One TLS connection of a device: the relay is the HTTP/2 client on it, the agent the server. */
export class DeviceSession implements DeviceTunnel {
  readonly deviceId: string;
  readonly remoteAddress: string;
  readonly #socket: TLSSocket;
  readonly #session: ClientHttp2Session;
  readonly #flowControl = new FlowControlChannel();
  readonly #watchdog: SessionWatchdog;
  readonly #ready: Promise<void>;
  readonly #clock: Clock;
  readonly #floodWatch: FloodWatch;
  #requests = 0;
  /** Bytes of datagrams from the phone, which have no window. */
  #datagramBytes = 0;

  constructor(deviceId: string, socket: TLSSocket, clock: Clock) {
    this.deviceId = deviceId;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#socket = socket;
    this.#clock = clock;
    socket.setNoDelay(true);
    this.#session = http2.connect('https://device', {
      createConnection: () => socket,
      settings: { initialWindowSize: H2_STREAM_WINDOW, enablePush: false },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    // Every failure ends in `close`; without these listeners an error would end the process.
    this.#session.on('error', () => this.destroy());
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    this.#watchdog = new SessionWatchdog(this.#session, {
      clock,
      intervalMs: PING_INTERVAL_MS,
      timeoutMs: PING_TIMEOUT_MS,
      onRoundTrip: (ms) => {
        if (this.#flowControl.noteRoundTrip(ms)) this.#watchdog.probe();
      },
      onDead: () => this.destroy(),
    });
    this.#floodWatch = new FloodWatch({
      clock,
      received: () => ({
        total: socket.bytesRead,
        granted: this.#flowControl.grantedBytes + this.#datagramBytes,
        outstanding: this.#flowControl.outstandingBytes,
      }),
      onFlood: () => this.destroy(),
    });
    // No agent sends these frames. Each would be kept, or cost a call.
    this.#session.on('origin', () => this.destroy());
    this.#session.on('altsvc', () => this.destroy());
    this.#session.on('close', () => this.#stopWatching());
    this.#ready = this.#becomeReady();
    this.#ready.catch(() => this.destroy());
  }

  /** Resolves when the agent's SETTINGS arrived and flow control runs. Rejects when that took too long. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Whether new flows may be opened. */
  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Calls `listener` once, when the session is over. */
  onClose(listener: () => void): void {
    if (this.#session.destroyed) listener();
    else this.#session.once('close', listener);
  }

  /** Ends the session soon if the agent does not answer: called when a newer one took over. */
  probe(): void {
    this.#watchdog.probe(TAKEOVER_PROBE_MS);
  }

  /** Tells the agent why, then ends the session. Flows under way are reset. */
  dismiss(reason: GoawayReason): void {
    if (!this.#session.destroyed) this.#session.goaway(NGHTTP2_NO_ERROR, 0, Buffer.from(reason));
    // GOAWAY is written at the end of this tick; destroying now would drop it.
    setImmediate(() => this.destroy());
  }

  /** Frees session and socket at once. */
  destroy(): void {
    this.#stopWatching();
    this.#session.destroy(undefined, NGHTTP2_CANCEL);
    this.#socket.destroy();
  }

  /** Also while the constructor is not done. */
  #stopWatching(): void {
    this.#watchdog?.stop();
    this.#floodWatch?.stop();
  }

  async dial(destination: Destination, options: DialOptions): Promise<FlowStream> {
    const headers = {
      ':method': 'CONNECT',
      ':authority': formatAuthority(destination),
      ...policyHeaders(options),
    };
    const stream = this.#request(headers);
    const window = this.#flowControl.open(stream.id!);
    try {
      await this.#answer(stream, options.signal);
    } catch (error) {
      window.release();
      throw error;
    }
    return flowStream(stream, window);
  }

  async openDatagrams(
    options: DialOptions,
    onDatagram: (datagram: UdpDatagram) => void,
  ): Promise<DatagramChannel> {
    const stream = this.#request({ ':method': 'POST', ':path': TUNNEL_PATHS.udp, ...policyHeaders(options) });
    await this.#answer(stream, options.signal);
    const datagrams = new DatagramStream(stream, onDatagram);
    stream.on('data', (chunk: Buffer) => {
      this.#datagramBytes += chunk.length;
    });
    return {
      send: (datagram) => datagrams.send(datagram),
      close: () => stream.close(NGHTTP2_CANCEL),
      closed: new Promise((resolve) => {
        if (stream.closed) resolve();
        stream.once('close', resolve);
        // The agent ends an association by END_STREAM.
        stream.once('end', () => stream.close(NGHTTP2_NO_ERROR));
      }),
    };
  }

  async exitIp(): Promise<string> {
    const stream = this.#request({ ':method': 'GET', ':path': TUNNEL_PATHS.exitIp }, true);
    await this.#answer(stream);
    const body = await readBody(stream, EXIT_IP_LIMIT_BYTES, {
      clock: this.#clock,
      withinMs: ANSWER_TIMEOUT_MS,
    });
    return parseExitIp(body.toString('utf8'));
  }

  async queryDns(message: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const headers = { ':method': 'POST', ':path': TUNNEL_PATHS.dnsQuery, 'content-type': DNS_MESSAGE_TYPE };
    const stream = this.#request(headers);
    stream.end(message);
    await this.#answer(stream, signal);
    const limits = { clock: this.#clock, withinMs: ANSWER_TIMEOUT_MS, signal };
    const answer = await readBody(stream, DNS_MESSAGE_MAX, limits);
    if (isDnsAnswerTo(message, answer)) return answer;
    throw new FlowError('internal_error', 'The phone answered another DNS query');
  }

  async order(id: string, order: CommandOrder, signal?: AbortSignal): Promise<CommandOutcome> {
    const path = `${TUNNEL_PATHS.commands}${id}`;
    const stream = this.#request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
    stream.end(JSON.stringify(order));
    await this.#answer(stream, signal);
    const withinMs = outcomeWithinMs(order);
    const body = await readBody(stream, OUTCOME_LIMIT_BYTES, { clock: this.#clock, withinMs, signal });
    return parseOutcome(body.toString('utf8'));
  }

  /** Opens the telemetry stream: newline-delimited JSON, for as long as the session lives. */
  async openTelemetry(): Promise<ClientHttp2Stream> {
    const stream = this.#request({ ':method': 'GET', ':path': TUNNEL_PATHS.telemetry }, true);
    await this.#answer(stream);
    return stream;
  }

  async #becomeReady(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => reject(new Error('no SETTINGS in time')), READY_TIMEOUT_MS);
      this.#session.once('remoteSettings', () => {
        timer.cancel();
        resolve();
      });
      this.#session.once('close', () => {
        timer.cancel();
        reject(new Error('closed before SETTINGS'));
      });
    });
    this.#session.setLocalWindowSize(H2_CONNECTION_WINDOW);
    const stream = this.#request({ ':method': 'POST', ':path': TUNNEL_PATHS.flowControl });
    await this.#answer(stream);
    this.#flowControl.attach(stream);
    // Without grants every flow would stall after its first window.
    stream.once('close', () => this.destroy());
  }

  #request(headers: Record<string, string>, endStream = false): ClientHttp2Stream {
    if (!this.usable) throw new FlowError('tunnel_lost');
    // After 2^30 flows a session has no stream ids left (RFC 9113 section 5.1.1): the agent must dial a new one.
    if (++this.#requests >= MAX_REQUESTS) this.dismiss('restarting');
    const stream = this.#session.request(headers, { endStream });
    stream.on('error', () => {});
    // Heads that only inform (1xx) come without an end if the phone likes, and our agent has no use for them.
    stream.on('headers', () => this.destroy());
    stream.on('continue', () => this.destroy());
    return stream;
  }

  /** Waits for a 200. @throws {FlowError} with the agent's code, or `tunnel_lost`. */
  #answer(stream: ClientHttp2Stream, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: FlowError) => {
        settle();
        stream.close(NGHTTP2_CANCEL);
        reject(error);
      };
      const onResponse = (headers: IncomingHttpHeaders & { ':status'?: number }) => {
        if (headers[':status'] !== 200) return fail(readRefusal(headers));
        settle();
        resolve();
      };
      const onClose = () => fail(new FlowError('tunnel_lost'));
      const onAbort = () => fail(new FlowError('request_timeout', 'The client went away'));
      const settle = () => {
        timer.cancel();
        stream.off('response', onResponse);
        stream.off('close', onClose);
        signal?.removeEventListener('abort', onAbort);
      };
      const timer = this.#clock.setTimeout(
        () => fail(new FlowError('connect_timeout', 'The phone did not answer in time')),
        ANSWER_TIMEOUT_MS,
      );
      stream.on('response', onResponse);
      stream.on('close', onClose);
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted) onAbort();
    });
  }
}

function policyHeaders(options: DialOptions): Record<string, string> {
  return options.allowPrivate ? { [TUNNEL_HEADERS.allowPrivate]: '1' } : {};
}

function formatAuthority({ host, port }: Destination): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
