import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELAY_SERVER_NAME } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from './certificate-authority.ts';

let directory: string;
const NOW = new Date('2026-03-01T00:00:00Z');

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'pp-ca-')), 'ca');
});

afterEach(() => rm(join(directory, '..'), { recursive: true }));

describe('the certificate authority', () => {
  it('is made once and opened ever after, readable by its owner alone', async () => {
    const first = await CertificateAuthority.open(directory, NOW);
    const again = await CertificateAuthority.open(directory, NOW);
    expect(again.fingerprint).toBe(first.fingerprint);
    expect(new X509Certificate(first.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(
      first.fingerprint,
    );
    expect((await stat(join(directory, 'ca.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('is not made anew when its key is lost: every phone would be', async () => {
    await CertificateAuthority.open(directory, NOW);
    await rm(join(directory, 'ca.key'));
    await expect(CertificateAuthority.open(directory, NOW)).rejects.toThrow(join(directory, 'ca.key'));
  });

  it('issues certificates that outlast a relay that runs for years', async () => {
    const authority = await CertificateAuthority.open(directory, NOW);
    const { chain } = await authority.issueServerIdentity(['relay.example.com'], NOW);
    expect(new X509Certificate(chain).validToDate.getTime()).toBeGreaterThan(Date.parse('2035-01-01'));
  });

  it('binds a device id to the key that was proved, for clients only', async () => {
    const authority = await CertificateAuthority.open(directory, NOW);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = await authority.issueDeviceCertificate(
      'device-1',
      publicKey.export({ type: 'spki', format: 'der' }),
      NOW,
    );
    const certificate = new X509Certificate(pem);
    expect(certificate.subject).toBe('CN=device-1');
    expect(certificate.publicKey.equals(publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('gives listeners certificates for their names and addresses', async () => {
    const authority = await CertificateAuthority.open(directory, NOW);
    const { chain } = await authority.issueServerIdentity([RELAY_SERVER_NAME, '203.0.113.7'], NOW);
    const certificate = new X509Certificate(chain);
    expect(certificate.checkHost(RELAY_SERVER_NAME)).toBe(RELAY_SERVER_NAME);
    expect(certificate.checkIP('203.0.113.7')).toBe('203.0.113.7');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });
});
