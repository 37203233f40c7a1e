import type { Socket } from 'node:net';
import type { HttpTarget } from '../harness/http-call.ts';
import { ByteReader } from './byte-reader.ts';
import { dial } from './dial.ts';

/** The head of an answer, as bytes came. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
}

/** A client that sends exactly the bytes that a test wants, right or wrong. */
export class RawHttp {
  readonly socket: Socket;
  readonly reader: ByteReader;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.reader = new ByteReader(socket);
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawHttp> {
    return await RawHttp.reach({ host, port });
  }

  /** Connects to a port, or to a host of the lab through a Unix socket. */
  static async reach(target: HttpTarget): Promise<RawHttp> {
    return new RawHttp(await dial(target));
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next answer's head; status 0 when the connection ended instead. */
  async answer(): Promise<RawAnswer> {
    const head = await this.reader.readTo('\r\n\r\n');
    return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0), head };
  }

  /** `CONNECT`, answered. */
  async connect(target: string, authorization: string | null): Promise<RawAnswer> {
    this.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorizationField(authorization)}\r\n`);
    return await this.answer();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Value of `Proxy-Authorization` for a user and password. */
export function basic({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The header line, or nothing. */
export function authorizationField(authorization: string | null): string {
  return authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`;
}
