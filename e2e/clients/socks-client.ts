import { isIP, type Socket } from 'node:net';
import { ByteReader } from './byte-reader.ts';
import { dial } from './dial.ts';

export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  /** Leads to the proxy from another network namespace. */
  readonly socketPath?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface SocksTarget {
  readonly host: string;
  readonly port: number;
}

/** What a SOCKS5 server answered to a request. */
export interface SocksReply {
  /** RFC 1928 section 6; 0 is success. */
  readonly code: number;
  readonly host: string;
  readonly port: number;
}

/** A SOCKS5 connection after its handshake. */
export interface SocksConnection {
  readonly socket: Socket;
  readonly reader: ByteReader;
  readonly reply: SocksReply;
}

const NO_AUTH = 0x00;
const PASSWORD = 0x02;
const COMMANDS = { connect: 0x01, udp: 0x03 } as const;

/** The server refused the credentials, or offers no way that this client has. */
export class SocksAuthError extends Error {}

/** Opens a SOCKS5 connection by hand, so that tests see each byte of the answer (RFC 1928, RFC 1929). */
export async function socks5(
  proxy: SocksProxy,
  command: keyof typeof COMMANDS,
  target: SocksTarget,
): Promise<SocksConnection> {
  const { host, port, socketPath } = proxy;
  const socket = await dial(socketPath === undefined ? { host, port } : { socketPath });
  const reader = new ByteReader(socket);
  try {
    await authenticate(socket, reader, proxy);
    socket.write(Buffer.concat([Buffer.from([5, COMMANDS[command], 0]), encodeAddress(target)]));
    return { socket, reader, reply: await readReply(reader) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function authenticate(socket: Socket, reader: ByteReader, proxy: SocksProxy): Promise<void> {
  const method = proxy.username === undefined ? NO_AUTH : PASSWORD;
  socket.write(Buffer.from([5, 1, method]));
  const chosen = (await reader.read(2))[1];
  if (chosen !== method) throw new SocksAuthError(`Method ${method} was answered with ${chosen}`);
  if (method === NO_AUTH) return;
  const user = Buffer.from(proxy.username ?? '');
  const password = Buffer.from(proxy.password ?? '');
  socket.write(
    Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]),
  );
  const status = (await reader.read(2))[1];
  if (status !== 0) throw new SocksAuthError(`Credentials were answered with ${status}`);
}

async function readReply(reader: ByteReader): Promise<SocksReply> {
  const head = await reader.read(4);
  const host = await readHost(reader, head[3] ?? 0);
  const port = (await reader.read(2)).readUInt16BE();
  return { code: head[1] ?? 255, host, port };
}

async function readHost(reader: ByteReader, type: number): Promise<string> {
  if (type === 1) return [...(await reader.read(4))].join('.');
  if (type === 4) {
    const bytes = await reader.read(16);
    return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':');
  }
  const length = (await reader.read(1))[0] ?? 0;
  return (await reader.read(length)).toString('latin1');
}

/** ATYP, DST.ADDR and DST.PORT. Text that is no address literal goes as a name, whatever it looks like. */
export function encodeAddress({ host, port }: SocksTarget): Buffer {
  const tail = Buffer.alloc(2);
  tail.writeUInt16BE(port);
  const family = isIP(host);
  if (family === 4) return Buffer.concat([Buffer.from([1, ...host.split('.').map(Number)]), tail]);
  if (family === 6 && !host.includes('%')) return Buffer.concat([Buffer.from([4]), ipv6Bytes(host), tail]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.from([3, name.length]), name, tail]);
}

function ipv6Bytes(text: string): Buffer {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted) {
    const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number];
    return ipv6Bytes(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [left = '', right] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(left);
  const after = right === undefined ? [] : groups(right);
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
