import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ByteReader } from './byte-reader.ts';
import { dial } from './dial.ts';
import { authorizationField, basic } from './raw-http.ts';
import { SocksAuthError, type SocksTarget, socks5 } from './socks-client.ts';
import { SocksUdp } from './socks-udp.ts';

/** Whom a client claims to be, and where. */
export interface Claim {
  readonly port: number;
  /** `null` sends no credentials. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

/**
 * What became of an attempt: `reached`, or the refusal in the protocol's own terms. Each attempt sends bytes for the
 * destination along with its request, as an eager client does.
 */
export type Attempt = (claim: Claim, target: SocksTarget) => Promise<string>;

const HOST = '127.0.0.1';
const EAGER = 'eager bytes';

interface HttpAttempt {
  readonly requestLine: string;
  readonly fields?: string;
}

async function http(
  socket: Socket,
  { requestLine, fields = '' }: HttpAttempt,
  claim: Claim,
  target: SocksTarget,
): Promise<string> {
  const authorization = claim.credentials && basic(claim.credentials);
  const reader = new ByteReader(socket);
  const host = `${target.host}:${target.port}`;
  const head = `${requestLine} HTTP/1.1\r\nHost: ${host}\r\n${authorizationField(authorization)}${fields}`;
  socket.write(`${head}\r\n${EAGER}`);
  const status = /^HTTP\/1.1 (\d{3})/.exec(await reader.readTo('\r\n\r\n'))?.[1] ?? 'closed';
  socket.destroy();
  return status === '200' ? 'reached' : status;
}

async function socks4a({ port, credentials }: Claim, target: SocksTarget): Promise<string> {
  const socket = await dial({ host: HOST, port });
  const reader = new ByteReader(socket);
  const user = credentials ? `${credentials.username}:${credentials.password}` : '';
  const head = Buffer.from([4, 1, target.port >> 8, target.port & 0xff, 0, 0, 0, 1]);
  socket.write(Buffer.concat([head, Buffer.from(`${user}\0${target.host}\0${EAGER}`)]));
  const reply = await reader.read(8).catch(() => null);
  socket.destroy();
  if (reply === null) return 'closed';
  return reply[1] === 0x5a ? 'reached' : `reply ${reply[1]}`;
}

async function overSocks5(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof SocksAuthError) return 'auth failure';
    return `failed: ${(error as Error).message}`;
  }
}

/** One attempt for each protocol of a connection's port. */
export const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'HTTP CONNECT': async (claim, target) => {
    const socket = await dial({ host: HOST, port: claim.port });
    return await http(socket, { requestLine: `CONNECT ${target.host}:${target.port}` }, claim, target);
  },
  'absolute-form HTTP': async (claim, target) => {
    const socket = await dial({ host: HOST, port: claim.port });
    const requestLine = `POST http://${target.host}:${target.port}/`;
    return await http(socket, { requestLine, fields: `Content-Length: ${EAGER.length}\r\n` }, claim, target);
  },
  'HTTP over TLS': async (claim, target) => {
    const socket = connectTls({ host: HOST, port: claim.port, rejectUnauthorized: false });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return await http(socket, { requestLine: `CONNECT ${target.host}:${target.port}` }, claim, target);
  },
  SOCKS5: async ({ port, credentials }, target) =>
    await overSocks5(async () => {
      const { socket, reply } = await socks5({ host: HOST, port, ...credentials }, 'connect', target);
      socket.write(EAGER);
      socket.destroy();
      return reply.code === 0 ? 'reached' : `reply ${reply.code}`;
    }),
  SOCKS4a: socks4a,
  'SOCKS5 UDP': async ({ port, credentials }, target) =>
    await overSocks5(async () => {
      const udp = await SocksUdp.open({ host: HOST, port, ...credentials });
      udp.send(target, EAGER);
      udp.close();
      return 'reached';
    }),
};
