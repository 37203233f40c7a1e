// The certificate library needs the polyfill before it is loaded.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { formatPairingUrl, RELAY_SERVER_NAME, TUNNEL_ALPN } from '@pocketproxy/protocol';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** A relay's CA for tests. */
export class TestAuthority {
  readonly ca: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(ca: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.ca = ca;
    this.#key = key;
  }

  static async create(): Promise<TestAuthority> {
    x509.cryptoProvider.set(webcrypto as Crypto);
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const ca = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Test CA',
      keys,
      signingAlgorithm: ALGORITHM,
      serialNumber: '01',
      notBefore: new Date(Date.now() - 1000 * DAY_MS),
      notAfter: new Date(Date.now() + 1000 * DAY_MS),
      extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    });
    return new TestAuthority(ca, keys.privateKey);
  }

  get pem(): string {
    return this.ca.toString('pem');
  }

  get fingerprint(): string {
    return createHash('sha256').update(Buffer.from(this.ca.rawData)).digest('hex');
  }

  /** Key and chain of a relay. */
  async relay(notBefore = new Date(Date.now() - DAY_MS)): Promise<{ key: string; cert: string }> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: RELAY_SERVER_NAME }]);
    const cert = await this.#issue('CN=Test relay', keys.publicKey, notBefore, [names]);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
      cert: `${cert}\n${this.pem}\n`,
    };
  }

  /** A device's certificate for the public key (base64 of the SPKI) of a pairing request. */
  async device(id: string, publicKey: string): Promise<string> {
    const spki = Uint8Array.from(Buffer.from(publicKey, 'base64'));
    const key = await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']);
    return this.#issue(`CN=${id}`, key, new Date(Date.now() - DAY_MS), []);
  }

  async #issue(
    subject: string,
    publicKey: webcrypto.CryptoKey,
    notBefore: Date,
    extensions: x509.Extension[],
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.ca.subject,
      publicKey,
      signingKey: this.#key,
      signingAlgorithm: ALGORITHM,
      serialNumber: '02',
      notBefore,
      notAfter: new Date(notBefore.getTime() + 300 * DAY_MS),
      extensions,
    });
    return certificate.toString('pem');
  }
}

/** A relay's tunnel port: pairing and echo over HTTP/1.1, and tunnels that agents open. */
export class TestRelay {
  readonly authority: TestAuthority;
  readonly port: number;
  readonly #tls: Server;
  readonly #sockets = new Set<TLSSocket>();
  readonly #sessions: ClientHttp2Session[] = [];
  readonly #waiting: ((session: ClientHttp2Session) => void)[] = [];

  private constructor(authority: TestAuthority, tls: Server, serve: RequestListener) {
    this.authority = authority;
    this.#tls = tls;
    this.port = (tls.address() as AddressInfo).port;
    const http = createServer(serve);
    tls.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      if (socket.alpnProtocol === TUNNEL_ALPN) this.#tunnel(socket);
      else http.emit('connection', socket);
    });
  }

  static async start(authority: TestAuthority, serve: RequestListener, notBefore?: Date): Promise<TestRelay> {
    const tls = createTlsServer({
      ...(await authority.relay(notBefore)),
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: [TUNNEL_ALPN, 'http/1.1'],
    });
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
    return new TestRelay(authority, tls, serve);
  }

  pairingUrl(code: string, caFingerprint = this.authority.fingerprint): string {
    return formatPairingUrl({ host: '127.0.0.1', port: this.port, code, caFingerprint });
  }

  /** The next session that an agent opens; the relay is its HTTP/2 client. */
  session(): Promise<ClientHttp2Session> {
    const ready = this.#sessions.shift();
    return ready ? Promise.resolve(ready) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#tls.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #tunnel(socket: TLSSocket): void {
    if (!socket.authorized) {
      socket.destroy();
      return;
    }
    const session = connect(`https://${RELAY_SERVER_NAME}`, { createConnection: () => socket });
    session.on('error', () => {});
    const waiting = this.#waiting.shift();
    if (waiting) waiting(session);
    else this.#sessions.push(session);
  }
}
