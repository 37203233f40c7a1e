import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { pairingProofMessage, parsePairingUrl, RELAY_SERVER_NAME, TUNNEL_ALPN } from '@pocketproxy/protocol';
import { ByteReader } from './byte-reader.ts';

/** What the relay answered to a claim of a pairing code. */
export interface ClaimAnswer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly deviceId?: string; readonly certificate?: string };
}

export interface ClaimOptions {
  /** A loopback address to come from, since the relay counts failures by address. */
  readonly localAddress?: string | undefined;
  /** Overrides single fields of the request. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** A phone without our agent: it has a key and speaks to the relay byte by byte, well or badly. */
export class RawPhone {
  readonly #key: KeyObject;
  readonly #publicKey: string;
  readonly #relay: { readonly host: string; readonly port: number };
  #certificate: string | null = null;
  #deviceId: string | null = null;

  constructor(relay: { readonly host: string; readonly port: number }) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.#key = privateKey;
    this.#publicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.#relay = relay;
  }

  /** A phone that is paired with this URL's code. @throws {Error} with the relay's answer when it is refused */
  static async pair(pairingUrl: string): Promise<RawPhone> {
    const { host, port, code } = parsePairingUrl(pairingUrl);
    const phone = new RawPhone({ host, port });
    const answer = await phone.claim(code);
    if (answer.status !== 200) throw new Error(`Pairing was answered with ${JSON.stringify(answer)}`);
    return phone;
  }

  /** @throws {Error} before it is paired */
  get deviceId(): string {
    if (this.#deviceId === null) throw new Error('This phone is not paired');
    return this.#deviceId;
  }

  /** `POST /pair` with this phone's key. */
  async claim(code: string, options: ClaimOptions = {}): Promise<ClaimAnswer> {
    const proof = sign('sha256', Buffer.from(pairingProofMessage(code, this.#publicKey)), this.#key);
    const body = JSON.stringify({
      code,
      publicKey: this.#publicKey,
      proof: proof.toString('base64'),
      clock: new Date().toISOString(),
      agentVersion: '0.0.0',
      platform: 'simulated',
      model: null,
      ...options.fields,
    });
    const socket = await this.#dial({ ALPNProtocols: ['http/1.1'] }, options.localAddress);
    const reader = new ByteReader(socket);
    const head = `POST /pair HTTP/1.1\r\nHost: relay\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${head}Content-Type: application/json\r\nConnection: close\r\n\r\n${body}`);
    const answer = (await reader.rest()).toString('utf8');
    socket.destroy();
    return this.#remember(answer);
  }

  #remember(answer: string): ClaimAnswer {
    const text = answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
    const body = JSON.parse(text) as ClaimAnswer['body'];
    if (body.certificate !== undefined) this.#certificate = body.certificate;
    if (body.deviceId !== undefined) this.#deviceId = body.deviceId;
    return { status: Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]), body };
  }

  /** A TLS connection on which the relay expects an HTTP/2 server. */
  async openTunnel(): Promise<TLSSocket> {
    if (this.#certificate === null) throw new Error('This phone is not paired');
    const key = this.#key.export({ type: 'pkcs8', format: 'pem' });
    return await this.#dial({ ALPNProtocols: [TUNNEL_ALPN], cert: this.#certificate, key });
  }

  async #dial(options: ConnectionOptions, localAddress?: string): Promise<TLSSocket> {
    const socket = connect({
      ...this.#relay,
      ...options,
      ...(localAddress === undefined ? {} : { localAddress }),
      servername: RELAY_SERVER_NAME,
      // Whom it talks to does not matter to a hostile phone.
      rejectUnauthorized: false,
    });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }
}

/** One HTTP/2 frame (RFC 9113 section 4.1). */
export function http2Frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Things that no HTTP/2 peer may send, by what is wrong with them. */
export const MALFORMED_HTTP2: Readonly<Record<string, () => Buffer>> = {
  'random bytes': () => randomBytes(4096),
  'an HTTP/1.1 answer': () => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  'no SETTINGS first': () => http2Frame(0x6, 0, 0, Buffer.alloc(8)),
  'DATA on stream 0': () => Buffer.concat([SETTINGS, http2Frame(0x0, 0, 0, Buffer.from('x'))]),
  'DATA of an idle stream': () => Buffer.concat([SETTINGS, http2Frame(0x0, 0, 99, Buffer.from('x'))]),
  'an oversized frame': () => Buffer.concat([SETTINGS, http2Frame(0x0, 0, 1, Buffer.alloc(70_000))]),
  'SETTINGS of a wrong length': () => http2Frame(0x4, 0, 0, Buffer.alloc(5)),
  'CONTINUATION out of place': () => Buffer.concat([SETTINGS, http2Frame(0x9, 4, 1, Buffer.from('x'))]),
  'a WINDOW_UPDATE of 0': () => Buffer.concat([SETTINGS, http2Frame(0x8, 0, 0, Buffer.alloc(4))]),
  'broken HPACK': () => Buffer.concat([SETTINGS, http2Frame(0x1, 4, 1, Buffer.alloc(40, 0xff))]),
  'a truncated frame': () => Buffer.concat([SETTINGS, Buffer.from([0, 64, 0, 0])]),
  nothing: () => Buffer.alloc(0),
};

const SETTINGS = http2Frame(0x4, 0, 0);
