import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import {
  normalizePairingCode,
  type PairingErrorBody,
  type PairingRequest,
  type PairingResponse,
  type PairingUrl,
  pairingErrorSchema,
  pairingProofMessage,
  pairingResponseSchema,
  parsePairingUrl,
} from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { AgentError, type AgentErrorCode } from '../agent-error.ts';
import type { AgentIdentity } from '../state/identity.ts';
import type { StateDirectory } from '../state/state-directory.ts';
import { AGENT_VERSION } from '../version.ts';
import { type PairingAnswer, postPairing } from './pairing-call.ts';
import { fetchPinnedCa, sha256 } from './pinned-ca.ts';
import { formatAddress, relayError } from './relay-errors.ts';

export interface PairOptions {
  readonly pairingUrl: string;
  readonly state: StateDirectory;
  /** Replaces an existing identity, after the new one was granted. */
  readonly force: boolean;
  readonly platform: string;
  readonly model: string | null;
  readonly clock: Clock;
  /** Waits between attempts whose answer was lost, in milliseconds. */
  readonly retryWaitsMs?: readonly number[];
}

export interface PairResult {
  readonly identity: AgentIdentity;
  /** How far this device's clock is ahead of the relay's, in milliseconds; `null` when the relay did not say. */
  readonly clockAheadMs: number | null;
}

const RETRY_WAITS_MS = [1_000, 3_000];
const REFUSALS: Partial<Record<PairingErrorBody['code'], AgentErrorCode>> = {
  pairing_code_invalid: 'pairing_code_invalid',
  pairing_code_expired: 'pairing_code_expired',
  pairing_code_used: 'pairing_code_used',
  clock_off: 'clock_off',
};

/**
 * Turns this installation into a device: proves a key of its own to the relay that the URL names, and keeps the
 * certificate that it gets for it. Any earlier identity stays until then.
 * @throws {AgentError}
 */
export async function pairDevice(options: PairOptions): Promise<PairResult> {
  const { state, clock, force } = options;
  const url = readUrl(options.pairingUrl);
  if (!force) await refuseIfPaired(state);
  const now = () => new Date(clock.now());
  const ca = await fetchPinnedCa(url, url.caFingerprint).catch((error: unknown) => {
    throw relayError(url, error, now());
  });
  const key = await keyFor(url.code, state);
  const answer = await claimWithRetries(options, url, ca, key).catch((error: unknown) => {
    throw relayError(url, error, now());
  });
  const granted = await accept(answer, url, key, state);
  const identity: AgentIdentity = {
    version: 1,
    deviceId: granted.deviceId,
    deviceName: granted.deviceName,
    relayHost: url.host,
    relayPort: url.port,
    privateKey: exportKey(key),
    certificate: granted.certificate,
    ca: granted.ca,
    pairedAt: now().toISOString(),
  };
  await state.writeIdentity(identity);
  await state.removePendingPairing();
  return { identity, clockAheadMs: answer.date ? clock.now() - answer.date.getTime() : null };
}

function readUrl(text: string): PairingUrl {
  try {
    return parsePairingUrl(text);
  } catch (error) {
    if (error instanceof TypeError) throw new AgentError('bad_pairing_url', error.message, { cause: error });
    throw error;
  }
}

async function refuseIfPaired(state: StateDirectory): Promise<void> {
  const existing = await state.readIdentity();
  if (!existing) return;
  const relay = formatAddress({ host: existing.relayHost, port: existing.relayPort });
  throw new AgentError(
    'already_paired',
    `This device is already paired as "${existing.deviceName}" (${existing.deviceId}) with the relay at ${relay}. ` +
      'Use --force to replace that identity, or another --state-dir',
  );
}

/** The key of an earlier claim of the same code whose answer was lost, or a new one, which is kept before it is used. */
async function keyFor(code: string, state: StateDirectory): Promise<KeyObject> {
  const codeHash = sha256(normalizePairingCode(code));
  const pending = await state.readPendingPairing();
  if (pending?.codeHash === codeHash) return createPrivateKey(pending.privateKey);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await state.writePendingPairing({ codeHash, privateKey: exportKey(privateKey) });
  return privateKey;
}

/** The relay answers a repeated claim by the same key like the first one. */
async function claimWithRetries(
  options: PairOptions,
  url: PairingUrl,
  ca: string,
  key: KeyObject,
): Promise<PairingAnswer> {
  const waits = options.retryWaitsMs ?? RETRY_WAITS_MS;
  for (let attempt = 0; ; attempt += 1) {
    const wait = waits[attempt];
    try {
      const answer = await postPairing(url, ca, makeClaim(options, url.code, key));
      if (answer.status < 500 || wait === undefined) return answer;
    } catch (error) {
      if (wait === undefined || relayError(url, error, new Date()).code !== 'relay_unreachable') throw error;
    }
    await pause(wait);
  }
}

function makeClaim({ clock, platform, model }: PairOptions, code: string, key: KeyObject): PairingRequest {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  const proof = sign('sha256', Buffer.from(pairingProofMessage(code, publicKey)), key).toString('base64');
  const time = new Date(clock.now()).toISOString();
  return { code, publicKey, proof, clock: time, agentVersion: AGENT_VERSION, platform, model };
}

async function accept(
  answer: PairingAnswer,
  url: PairingUrl,
  key: KeyObject,
  state: StateDirectory,
): Promise<PairingResponse> {
  if (answer.status !== 200) {
    const refusal = pairingErrorSchema.safeParse(answer.body);
    if (!refusal.success) throw invalidAnswer(`it answered with status ${answer.status}`);
    const code = REFUSALS[refusal.data.code];
    // The code is spent or was never good: its key is of no more use. A wrong clock can be set right.
    if (code && code !== 'clock_off') await state.removePendingPairing();
    throw new AgentError(code ?? 'pairing_refused', refusal.data.detail);
  }
  const granted = pairingResponseSchema.safeParse(answer.body);
  if (!granted.success) throw invalidAnswer('its answer is incomplete');
  checkCertificates(granted.data, url.caFingerprint, key);
  return granted.data;
}

/** A certificate that would not work is noticed here, and not at every later connection. */
function checkCertificates({ certificate, ca }: PairingResponse, fingerprint: string, key: KeyObject): void {
  let own: X509Certificate;
  let issuer: X509Certificate;
  try {
    own = new X509Certificate(certificate);
    issuer = new X509Certificate(ca);
  } catch (error) {
    throw invalidAnswer('its certificates cannot be read', error);
  }
  if (sha256(issuer.raw) !== fingerprint) throw invalidAnswer('its CA is not the one that was pinned');
  if (!own.checkPrivateKey(key)) throw invalidAnswer('its certificate is for another key');
  if (!own.checkIssued(issuer) || !own.verify(issuer.publicKey)) {
    throw invalidAnswer('its certificate is not signed by its CA');
  }
}

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function invalidAnswer(why: string, cause?: unknown): AgentError {
  return new AgentError('relay_answer_invalid', `The relay's answer to the pairing cannot be used: ${why}`, {
    cause,
  });
}

/** Keeps the process alive, unlike the clock's timers: nothing else is going on during a pairing. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
