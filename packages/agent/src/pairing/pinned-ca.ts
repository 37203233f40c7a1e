import { createHash } from 'node:crypto';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { RELAY_SERVER_NAME } from '@pocketproxy/protocol';
import { AgentError } from '../agent-error.ts';
import { formatAddress, type RelayAddress } from './relay-errors.ts';

const TIMEOUT_MS = 10_000;

/**
 * Takes the CA certificate that the pairing URL names out of the relay's handshake. Nothing secret is sent on this
 * connection, whose peer is not verified: the fingerprint alone decides.
 * @returns the certificate as PEM
 * @throws {AgentError} wrong_relay_key; system errors of the connection are passed on
 */
export async function fetchPinnedCa(relay: RelayAddress, fingerprint: string): Promise<string> {
  const socket = await handshake(relay);
  const chain = certificateChain(socket);
  socket.destroy();
  const pinned = chain.find((raw) => sha256(raw) === fingerprint);
  if (pinned) return toPem(pinned);
  const root = chain.at(-1);
  throw new AgentError(
    'wrong_relay_key',
    `Wrong relay key: the pairing URL expects ${shorten(fingerprint)}, but ${formatAddress(relay)} shows ` +
      `${root ? shorten(sha256(root)) : 'none'}. Either this is another relay, or somebody is in between`,
  );
}

function handshake({ host, port }: RelayAddress): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: RELAY_SERVER_NAME,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(timedOut()));
    socket.on('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

/** DER certificates as the relay sent them, its own first. */
function certificateChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // A self-signed certificate names itself as its issuer.
  while (current?.raw && !chain.some((raw) => raw.equals(current!.raw))) {
    chain.push(current.raw);
    current = current.issuerCertificate;
  }
  return chain;
}

function timedOut(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}

/** Lower-case hex, as in pairing URLs. */
export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function shorten(fingerprint: string): string {
  return `${fingerprint.slice(0, 8)}…${fingerprint.slice(-8)}`;
}
