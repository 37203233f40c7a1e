import { connect, type Socket } from 'node:net';
import { ByteReader } from '../clients/byte-reader.ts';
import { encodeAddress } from '../clients/socks-client.ts';
import { FlowFailure } from './flow-failure.ts';
import type { Lifeline } from './lifeline.ts';

/** A connection's port and who may use it. */
export interface ProxyLogin {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A socket whose bytes are read in order. */
export interface Line {
  readonly socket: Socket;
  readonly reader: ByteReader;
}

const HOST = '127.0.0.1';

/** Opens a TCP connection to a proxy port. Failures are seen by the reader, as the end. */
export function dialProxy({ port }: ProxyLogin, lifeline: Lifeline): Line {
  const socket = connect({ host: HOST, port, noDelay: true });
  socket.on('error', () => {});
  lifeline.hold(() => socket.destroy());
  return { socket, reader: new ByteReader(socket) };
}

/** The value of Proxy-Authorization. */
export function basicOf({ username, password }: ProxyLogin): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** @throws {FlowFailure} refused, with status and Proxy-Status */
export async function openByConnect(login: ProxyLogin, to: Target, lifeline: Lifeline): Promise<Line> {
  const line = dialProxy(login, lifeline);
  const authority = `${to.host}:${to.port}`;
  line.socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${basicOf(login)}\r\n\r\n`,
  );
  const head = await line.reader.readTo('\r\n\r\n');
  checkStatus(head);
  return line;
}

/** Throws unless `head` is that of a 200. @throws {FlowFailure} refused or cut */
export function checkStatus(head: string): void {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  if (status === '200') return;
  if (status === undefined) throw new FlowFailure('cut', 'no answer');
  const why = /^proxy-status: .*error=([a-z_]+)/im.exec(head)?.[1] ?? 'no Proxy-Status';
  throw new FlowFailure('refused', `${status} ${why}`);
}

/** @throws {FlowFailure} refused, with the reply's code */
export async function openBySocks5(login: ProxyLogin, to: Target, lifeline: Lifeline): Promise<Line> {
  return (await requestSocks5(login, 1, to, lifeline)).line;
}

/** A UDP association, for as long as the line is open; answers where datagrams go. */
export async function associate(
  login: ProxyLogin,
  lifeline: Lifeline,
): Promise<{ readonly line: Line; readonly relayPort: number }> {
  const { line, boundPort } = await requestSocks5(login, 3, { host: '0.0.0.0', port: 0 }, lifeline);
  return { line, relayPort: boundPort };
}

/** RFC 1928 with user name and password (RFC 1929); the relay is on IPv4. */
async function requestSocks5(
  login: ProxyLogin,
  command: number,
  target: Target,
  lifeline: Lifeline,
): Promise<{ readonly line: Line; readonly boundPort: number }> {
  const line = dialProxy(login, lifeline);
  const { socket, reader } = line;
  socket.write(Buffer.from([5, 1, 2]));
  expectByte((await reader.read(2))[1], 2, 'SOCKS5 method');
  const [user, password] = [Buffer.from(login.username), Buffer.from(login.password)];
  socket.write(Buffer.concat([byte(1), byte(user.length), user, byte(password.length), password]));
  expectByte((await reader.read(2))[1], 0, 'SOCKS5 password');
  socket.write(Buffer.concat([Buffer.from([5, command, 0]), encodeAddress(target)]));
  const reply = await reader.read(10);
  expectByte(reply[1], 0, 'SOCKS5 reply');
  return { line, boundPort: reply.readUInt16BE(8) };
}

function byte(value: number): Buffer {
  return Buffer.from([value]);
}

function expectByte(actual: number | undefined, expected: number, what: string): void {
  if (actual !== expected) throw new FlowFailure('refused', `${what} ${actual}`);
}
