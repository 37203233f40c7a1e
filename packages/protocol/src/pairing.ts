import { z } from 'zod';
import { reportedText } from './reported-text.ts';

/** What the QR code of a pairing carries. */
export interface PairingUrl {
  /** Relay's tunnel address as the phone reaches it. */
  readonly host: string;
  readonly port: number;
  /** Single-use secret. */
  readonly code: string;
  /** SHA-256 over the DER of the relay's CA certificate, lower-case hex (64 digits). */
  readonly caFingerprint: string;
}

const SCHEME = 'pocketproxy:';
const EXAMPLE = 'pocketproxy://203.0.113.7:7443/pair?code=XXXX-XXXX-XXXX-XXXX&ca=<64 hex digits>';

/** `pocketproxy://host:port/pair?code=...&ca=...` */
export function formatPairingUrl(pairing: PairingUrl): string {
  const host =
    pairing.host.includes(':') && !pairing.host.startsWith('[') ? `[${pairing.host}]` : pairing.host;
  return `${SCHEME}//${host}:${pairing.port}/pair?code=${encodeURIComponent(pairing.code)}&ca=${pairing.caFingerprint}`;
}

/**
 * Reads a pairing URL as people paste it.
 * @throws {TypeError} that says which part is wrong and what a right URL looks like
 */
export function parsePairingUrl(text: string): PairingUrl {
  const wrong = (what: string): never => {
    throw new TypeError(`This is not a pairing URL: ${what}. It should look like ${EXAMPLE}`);
  };
  const trimmed = text.trim();
  if (!trimmed.startsWith(`${SCHEME}//`)) wrong(`it does not start with ${SCHEME}//`);
  // A non-special scheme is parsed differently by URL implementations, so the authority is read as https.
  const url = URL.parse?.(trimmed.replace(SCHEME, 'https:')) ?? safeUrl(trimmed.replace(SCHEME, 'https:'));
  if (!url) return wrong('host or port is invalid');
  const port = url.port === '' ? 443 : Number(url.port);
  const code = url.searchParams.get('code') ?? '';
  const caFingerprint = (url.searchParams.get('ca') ?? '').toLowerCase();
  if (url.pathname !== '/pair') wrong('the path is not /pair');
  if (code === '') wrong('the code is missing');
  if (!/^[0-9a-f]{64}$/.test(caFingerprint)) wrong('"ca" is not a SHA-256 fingerprint of 64 hex digits');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, code, caFingerprint };
}

function safeUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** What an agent sends to `POST /pair` to become a device. */
export const pairingRequestSchema = z.object({
  code: z.string().min(4).max(128),
  /** SubjectPublicKeyInfo of the agent's own key (EC P-256), DER as base64. */
  publicKey: z.string().max(1024),
  /** ECDSA-SHA256 over `pairingProofMessage`, DER as base64: proof that the agent holds the private key. */
  proof: z.string().max(512),
  /** The agent's clock, to tell a wrong clock apart from a bad certificate. */
  clock: z.iso.datetime(),
  agentVersion: reportedText(64),
  platform: reportedText(64),
  model: reportedText(128).nullable(),
});
export type PairingRequest = z.infer<typeof pairingRequestSchema>;

/** The device's identity, answered once per claim; the same key may claim the same code again while it lives. */
export const pairingResponseSchema = z.object({
  deviceId: z.string(),
  deviceName: z.string(),
  /** The device's certificate and the CA's, PEM. */
  certificate: z.string(),
  ca: z.string(),
});
export type PairingResponse = z.infer<typeof pairingResponseSchema>;

/** Body of a refused pairing. */
export const pairingErrorSchema = z.object({
  code: z.enum([
    'pairing_code_invalid',
    'pairing_code_expired',
    'pairing_code_used',
    'pairing_proof_invalid',
    'clock_off',
    'rate_limited',
    'malformed_request',
    'internal_error',
  ]),
  detail: z.string(),
});
export type PairingErrorBody = z.infer<typeof pairingErrorSchema>;

/** The bytes that the proof of possession signs (UTF-8 of this string). */
export function pairingProofMessage(code: string, publicKeyBase64: string): string {
  return `pocketproxy pairing v1\n${code}\n${publicKeyBase64}\n`;
}

/** A pairing code as it is hashed and compared: people may type it in lower case and with or without dashes. */
export function normalizePairingCode(code: string): string {
  return code.toUpperCase().replace(/[^0-9A-Z]/g, '');
}
