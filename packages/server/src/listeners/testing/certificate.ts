import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import tls, { type SecureContext } from 'node:tls';
import * as x509 from '@peculiar/x509';

export interface TestCertificate {
  /** Of the certificate alone, in PEM. */
  readonly certificate: string;
  readonly secureContext: SecureContext;
}

/** A self-signed certificate for 127.0.0.1, of TLS 1.2 and later. */
export async function testCertificate(): Promise<TestCertificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const pem = x509.PemConverter.encode(key, 'PRIVATE KEY');
  const cert = certificate.toString('pem');
  return {
    certificate: cert,
    secureContext: tls.createSecureContext({ key: pem, cert, minVersion: 'TLSv1.2' }),
  };
}
