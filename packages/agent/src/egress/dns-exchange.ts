import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { DNS_MESSAGE_MAX, isDnsAnswerTo } from '@pocketproxy/protocol';

/** Where a question goes, and the local address that it leaves from. */
export interface DnsRoute {
  readonly host: string;
  readonly port: number;
  /** `undefined`: the system's choice. */
  readonly localAddress: string | undefined;
}

/**
 * Asks one server by UDP, from a port of its own: what is not an answer of that server to this question is ignored.
 * @throws the system's error, or the signal's reason
 */
export function askByUdp(query: Uint8Array, route: DnsRoute, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const family = isIP(route.host) === 6 ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    });
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners();
      socket.on('error', ignore);
      try {
        socket.close();
      } catch {
        // It failed before it was bound.
      }
      finish();
    };
    const failed = (error: Error) => settle(() => reject(error));
    const aborted = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', aborted);
    socket.on('error', failed);
    socket.on('message', (answer) => {
      if (isDnsAnswerTo(query, answer)) settle(() => resolve(answer));
    });
    socket.once('connect', () => {
      socket.send(query, (error) => {
        if (error) failed(error);
      });
    });
    const connectNow = () => socket.connect(route.port, route.host);
    if (route.localAddress === undefined) connectNow();
    else socket.bind({ port: 0, address: route.localAddress }, connectNow);
  });
}

/**
 * Asks one server by TCP (RFC 1035 section 4.2.2).
 * @throws the system's error, or the signal's reason
 */
export function askByTcp(query: Uint8Array, route: DnsRoute, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const { host, port, localAddress } = route;
    const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      finish();
    };
    const failed = (error: Error) => settle(() => reject(error));
    const aborted = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', aborted);
    socket.on('error', failed);
    socket.on('close', () => failed(new Error('The server closed the connection without an answer')));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < 2) return;
      const received = Buffer.concat(chunks);
      const length = received.readUInt16BE(0);
      if (size < 2 + length) return;
      const answer = received.subarray(2, 2 + length);
      if (isDnsAnswerTo(query, answer)) settle(() => resolve(answer));
      else failed(new Error('The server answered another question'));
    });
    socket.write(framed(query));
  });
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Math.min(message.length, DNS_MESSAGE_MAX));
  return Buffer.concat([length, message]);
}

function ignore(): void {}
