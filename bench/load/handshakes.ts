import type { Job, Login } from './jobs.ts';

/** How a client asks a proxy for a way to the origin. */
export interface Handshake {
  readonly greeting: Uint8Array;
  /**
   * Takes what the proxy answered: bytes to send next, or how it stands. The origin never speaks first, so
   * nothing follows the last answer.
   */
  next(bytes: Buffer): Uint8Array | 'wait' | 'done' | 'refused';
}

/** The origin as a proxy is told of it. */
type Origin = Pick<Job, 'originHost' | 'originPort'>;

/** The handshake of a route; `null` when there is nobody to ask. */
export function handshakeFor({ route, ...origin }: Origin & Pick<Job, 'route'>): Handshake | null {
  switch (route.via) {
    case 'direct':
      return null;
    case 'socks5':
      return new Socks5Handshake(origin, route.login);
    case 'http':
      return new ConnectHandshake(origin, route.login);
  }
}

/** RFC 1928, with user name and password (RFC 1929) where there are any. Answers never come in pieces over loopback. */
class Socks5Handshake implements Handshake {
  readonly greeting: Uint8Array;
  readonly #login: Uint8Array | null;
  readonly #request: Uint8Array;
  #sent: 'greeting' | 'login' | 'request' = 'greeting';

  constructor({ originHost, originPort }: Origin, login: Login | undefined) {
    this.greeting = Buffer.from([5, 1, login ? 2 : 0]);
    this.#login = login ? loginMessage(login) : null;
    this.#request = Buffer.from([
      ...[5, 1, 0, 1, ...originHost.split('.').map(Number)],
      ...[originPort >> 8, originPort & 0xff],
    ]);
  }

  next(bytes: Buffer): Uint8Array | 'done' | 'refused' {
    if (this.#sent === 'request') return bytes[1] === 0 ? 'done' : 'refused';
    const accepted = this.#sent === 'login' ? bytes[1] === 0 : bytes[1] !== 0xff;
    if (!accepted) return 'refused';
    this.#sent = this.#sent === 'greeting' && this.#login ? 'login' : 'request';
    return this.#sent === 'login' ? this.#login! : this.#request;
  }
}

function loginMessage({ username, password }: Login): Uint8Array {
  return Buffer.concat([
    Buffer.from([1, Buffer.byteLength(username)]),
    Buffer.from(username),
    Buffer.from([Buffer.byteLength(password)]),
    Buffer.from(password),
  ]);
}

/** HTTP CONNECT with Basic credentials. */
class ConnectHandshake implements Handshake {
  readonly greeting: Uint8Array;

  constructor({ originHost, originPort }: Origin, { username, password }: Login) {
    const authority = `${originHost}:${originPort}`;
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    this.greeting = Buffer.from(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`,
    );
  }

  next(bytes: Buffer): 'wait' | 'done' | 'refused' {
    if (bytes.toString('latin1', 9, 12) !== '200') return 'refused';
    return bytes.includes('\r\n\r\n') ? 'done' : 'wait';
  }
}
