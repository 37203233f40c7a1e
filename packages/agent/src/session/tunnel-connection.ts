import { lookup } from 'node:dns/promises';
import http2, { type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { networkInterfaces } from 'node:os';
import tls, { type TLSSocket } from 'node:tls';
import {
  GOAWAY_REASONS,
  type GoawayReason,
  H2_CONNECTION_WINDOW,
  H2_STREAM_WINDOW,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  RELAY_SERVER_NAME,
  TUNNEL_ALPN,
} from '@pocketproxy/protocol';
import { SessionWatchdog } from '@pocketproxy/runtime';
import type { SessionOptions } from './session-options.ts';
import { type RequestHandlers, TunnelRequests } from './tunnel-requests.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A session over the network that has just changed is dead, more likely than not. */
const DOUBT_MS = 3_000;
const MAX_CONCURRENT_STREAMS = 1_000_000;
const MAX_SESSION_MEMORY_MB = 1_024;
/** The relay is trusted and cancels flows whose clients left; Node's default of 33 resets a second would cut it off. */
const RESETS_PER_SECOND = 1_000_000;

/** Why a session ended: what the relay said, or nothing. */
export interface SessionEnd {
  readonly reason: GoawayReason | null;
}

/** One open session. */
export interface TunnelConnection {
  readonly ended: Promise<SessionEnd>;
  /** Lets flows under way finish within `graceMs`, then ends the session. */
  drain(graceMs: number): void;
  /** Ends the session if its address is gone, and otherwise finds out soon whether it still works. */
  networkChanged(): void;
}

/** Who we are, what answers the relay, and which way the tunnel goes. */
export type TunnelOptions = RequestHandlers &
  Pick<SessionOptions, 'state' | 'tunnelLocalAddress' | 'onRelayAddress' | 'tunnelBytes'>;

/**
 * Dials the relay and serves its requests on the connection: TLS 1.3 with our certificate, trusting only the CA
 * that was pinned at pairing. Every address of the relay is tried in turn. `signal` gives up at once: a silent relay,
 * or a resolver without a network, takes longer than anybody waits for an agent to stop.
 * @throws {Error} of the system or of TLS when no session came about, or the signal's reason
 */
export async function openTunnel(options: TunnelOptions, signal: AbortSignal): Promise<TunnelConnection> {
  const addresses = await unlessAborted(lookup(options.state.relayHost, { all: true }), signal);
  let failure: unknown;
  for (const { address, family } of addresses) {
    signal.throwIfAborted();
    try {
      const localAddress = await options.tunnelLocalAddress?.(family === 6 ? 6 : 4);
      const socket = await dial(options, address, { localAddress, signal });
      options.onRelayAddress?.(address);
      options.tunnelBytes.follow(socket);
      return serve(socket, options);
    } catch (error) {
      failure = error;
    }
  }
  throw failure ?? new Error(`${options.state.relayHost} has no address`);
}

function dial(
  { state, clock }: TunnelOptions,
  host: string,
  { localAddress, signal }: { readonly localAddress: string | undefined; readonly signal: AbortSignal },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = tls.connect({
      host,
      port: state.relayPort,
      ...(localAddress === undefined ? {} : { localAddress }),
      servername: RELAY_SERVER_NAME,
      ca: state.ca,
      key: state.privateKey,
      cert: state.certificate,
      ALPNProtocols: [TUNNEL_ALPN],
      minVersion: 'TLSv1.3',
    });
    const timer = clock.setTimeout(
      () => socket.destroy(new Error(`no answer from ${host} port ${state.relayPort} in time`)),
      CONNECT_TIMEOUT_MS,
    );
    const giveUp = () => socket.destroy(signal.reason);
    const settled = () => {
      timer.cancel();
      signal.removeEventListener('abort', giveUp);
    };
    signal.addEventListener('abort', giveUp);
    socket.on('error', reject);
    socket.once('close', () => {
      settled();
      reject(new Error('the relay closed the connection'));
    });
    socket.once('secureConnect', () => {
      settled();
      if (socket.alpnProtocol === TUNNEL_ALPN) resolve(socket);
      else socket.destroy(new Error('the relay does not speak this version of the tunnel protocol'));
    });
  });
}

/** What cannot be interrupted goes on, and nobody waits for it. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function serve(socket: TLSSocket, handlers: RequestHandlers): TunnelConnection {
  socket.setNoDelay(true);
  const requests = new TunnelRequests(handlers);
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => requests.handle(stream, headers));
  let reason: GoawayReason | null = null;
  let session: ServerHttp2Session | null = null;
  let watchdog: SessionWatchdog | null = null;
  const { localAddress } = socket;
  const destroy = () => {
    session?.destroy();
    socket.destroy();
  };
  server.once('session', (opened) => {
    session = opened;
    opened.on('error', destroy);
    opened.setLocalWindowSize(H2_CONNECTION_WINDOW);
    opened.on('goaway', (_code, _last, data?: Buffer) => {
      reason = readReason(data) ?? reason;
      if (reason === GOAWAY_REASONS.revoked) destroy();
    });
    const pings = new SessionWatchdog(opened, {
      clock: handlers.clock,
      intervalMs: PING_INTERVAL_MS,
      timeoutMs: PING_TIMEOUT_MS,
      onRoundTrip: (ms) => {
        if (requests.flowControl.noteRoundTrip(ms)) pings.probe();
      },
      onDead: destroy,
    });
    watchdog = pings;
    opened.once('close', () => {
      pings.stop();
      watchdog = null;
      destroy();
    });
  });
  const ended = new Promise<SessionEnd>((resolve) => socket.once('close', () => resolve({ reason })));
  server.emit('connection', socket);
  return {
    ended,
    drain: (graceMs) => {
      // Older versions of Node drop what is being written when a session is closed.
      void requests.answered().then(() => session?.close());
      handlers.clock.setTimeout(destroy, graceMs);
    },
    networkChanged: () => {
      if (localAddress !== undefined && isGone(localAddress)) destroy();
      else watchdog?.probe(DOUBT_MS);
    },
  };
}

/** Whether no interface has `address` any more. All of 127.0.0.0/8 belongs to the loopback interface. */
function isGone(address: string): boolean {
  if (address.startsWith('127.')) return false;
  const infos = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return !infos.some((info) => info.address === address);
}

/** One HTTP/2 server per connection, never listening: it exists to make a session of a socket that we dialled. */
function createServer(): Http2Server {
  return http2.createServer({
    settings: { initialWindowSize: H2_STREAM_WINDOW, maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    streamResetBurst: RESETS_PER_SECOND,
    streamResetRate: RESETS_PER_SECOND,
  });
}

function readReason(data: Buffer | undefined): GoawayReason | null {
  const text = data?.toString('latin1') ?? '';
  return Object.values(GOAWAY_REASONS).find((reason) => reason === text) ?? null;
}
