// The x509 library's dependency injection needs this first.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** A phone's clock may be a little behind when it pairs. */
const CLOCK_TOLERANCE_MS = DAY_MS;
const CA_DAYS = 3650 * 2;
const DEVICE_DAYS = 3650;
/** Made anew at each start, but a relay may run for years. */
const SERVER_DAYS = 3650;

/** Key and certificate chain of a TLS listener, PEM. */
export interface ServerIdentity {
  readonly key: string;
  /** The listener's certificate followed by the CA's, so that an agent that pairs sees the CA. */
  readonly chain: string;
}

/**
 * The relay's own CA: made at first start, kept in the data directory, trusted by nobody but our agents.
 * It signs the relay's certificates (anew at each start) and one certificate per paired device.
 */
export class CertificateAuthority {
  readonly certificatePem: string;
  /** SHA-256 over the DER of the CA certificate, lower-case hex. */
  readonly fingerprint: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.#certificate = certificate;
    this.#key = key;
    this.certificatePem = certificate.toString('pem');
    this.fingerprint = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex');
  }

  /**
   * Opens the CA in `directory`, or makes one there (mode 0600).
   * @throws {Error} when its key is lost: no phone would know another CA, so none is made without being asked for
   */
  static async open(directory: string, now: Date): Promise<CertificateAuthority> {
    x509.cryptoProvider.set(webcrypto as Crypto);
    const certificateFile = join(directory, 'ca.crt');
    const keyFile = join(directory, 'ca.key');
    const stored = await readPair(certificateFile, keyFile);
    if (stored) {
      const key = await webcrypto.subtle.importKey('pkcs8', fromPem(stored.key), ALGORITHM, true, ['sign']);
      return new CertificateAuthority(new x509.X509Certificate(stored.certificate), key);
    }
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=PocketProxy CA',
      keys,
      signingAlgorithm: ALGORITHM,
      serialNumber: randomSerial(),
      notBefore: new Date(now.getTime() - CLOCK_TOLERANCE_MS),
      notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    // The key first: a certificate without its key would be useless, a lone key is simply replaced.
    await writePrivately(keyFile, await toPkcs8Pem(keys.privateKey));
    await writePrivately(certificateFile, certificate.toString('pem'));
    return new CertificateAuthority(certificate, keys.privateKey);
  }

  /** A new key and certificate for a TLS listener under the given DNS names and IP addresses. */
  async issueServerIdentity(names: readonly string[], now: Date): Promise<ServerIdentity> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await this.#issue('CN=PocketProxy relay', keys.publicKey, now, SERVER_DAYS, [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ]);
    return { key: await toPkcs8Pem(keys.privateKey), chain: `${certificate}\n${this.certificatePem}\n` };
  }

  /** A certificate (PEM) that binds a device id to the public key that the device proved. */
  async issueDeviceCertificate(deviceId: string, publicKeySpki: Uint8Array, now: Date): Promise<string> {
    const spki = Uint8Array.from(publicKeySpki);
    const publicKey = await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']);
    return this.#issue(`CN=${deviceId}`, publicKey, now, DEVICE_DAYS, [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ]);
  }

  async #issue(
    subject: string,
    publicKey: webcrypto.CryptoKey,
    now: Date,
    days: number,
    extensions: x509.Extension[],
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.#certificate.subject,
      publicKey,
      signingKey: this.#key,
      signingAlgorithm: ALGORITHM,
      serialNumber: randomSerial(),
      notBefore: new Date(now.getTime() - CLOCK_TOLERANCE_MS),
      notAfter: new Date(now.getTime() + days * DAY_MS),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...extensions,
      ],
    });
    return certificate.toString('pem');
  }
}

/** SHA-256 over a SubjectPublicKeyInfo, lower-case hex: how a device's key is named in the database. */
export function keyFingerprint(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** 127 random bits, positive, as RFC 5280 section 4.1.2.2 wants. */
function randomSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

async function readPair(
  certificateFile: string,
  keyFile: string,
): Promise<{ certificate: string; key: string } | null> {
  const [certificate, key] = await Promise.all([readIfThere(certificateFile), readIfThere(keyFile)]);
  if (certificate === null) return null;
  if (key !== null) return { certificate, key };
  throw new Error(
    `${keyFile} is missing, although ${certificateFile} is there: put it back from a backup, or remove the latter too, and pair every phone anew`,
  );
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a whole file or nothing, readable by its owner alone. */
async function writePrivately(path: string, content: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function toPkcs8Pem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}

function fromPem(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
}
