import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  normalizePairingCode,
  type PairingErrorBody,
  type PairingRequest,
  type PairingResponse,
  pairingProofMessage,
  pairingRequestSchema,
} from '@pocketproxy/protocol';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { plainAddress } from '../domain/addresses.ts';
import { AttemptLimiter } from '../domain/attempt-limiter.ts';
import { clientNetwork } from '../domain/client-network.ts';
import type { DeviceStore } from '../domain/stores.ts';
import { type CertificateAuthority, keyFingerprint } from './certificate-authority.ts';

const BODY_LIMIT_BYTES = 16 * 1024;
/** Certificates allow for a day; past this the phone would see invalid certificates everywhere. */
const CLOCK_TOLERANCE_MS = 12 * 3_600_000;
const ATTEMPTS_PER_MINUTE = 10;

type Refusal = PairingErrorBody['code'];
const STATUS: Record<Refusal, number> = {
  pairing_code_invalid: 404,
  pairing_code_expired: 410,
  pairing_code_used: 409,
  pairing_proof_invalid: 400,
  clock_off: 400,
  rate_limited: 429,
  malformed_request: 400,
  internal_error: 500,
};

class PairingRefused extends Error {
  readonly code: Refusal;

  constructor(code: Refusal, detail: string) {
    super(detail);
    this.code = code;
  }
}

export interface PairingEndpointOptions {
  readonly devices: DeviceStore;
  readonly authority: CertificateAuthority;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `POST /pair`: spends a pairing code and answers with a certificate for the key that the agent proved. */
export function createPairingEndpoint(options: PairingEndpointOptions): RequestListener {
  const limiter = new AttemptLimiter(options.clock, ATTEMPTS_PER_MINUTE, 60_000);
  return (request, response) => {
    const address = plainAddress(request.socket.remoteAddress ?? '');
    // Such as a reset in the middle of the body: nobody is there to be answered.
    request.on('error', () => response.destroy());
    pair(options, limiter, address, request).then(
      (body) => answer(response, 200, body),
      (error: unknown) => {
        const refused = error instanceof PairingRefused ? error : null;
        if (response.destroyed) return;
        if (!refused) options.log.error({ err: error }, 'pairing failed');
        const code = refused?.code ?? 'internal_error';
        answer(response, STATUS[code], {
          code,
          detail: refused?.message ?? 'The relay could not answer; try again',
        });
      },
    );
  };
}

async function pair(
  { devices, authority, clock, log }: PairingEndpointOptions,
  limiter: AttemptLimiter,
  address: string,
  request: IncomingMessage,
): Promise<PairingResponse> {
  const network = clientNetwork(address);
  if (!limiter.allows(network)) {
    throw new PairingRefused('rate_limited', 'Too many failed attempts from this address; wait a minute');
  }
  const claim = await readRequest(request);
  const publicKey = checkProof(claim);
  const now = clock.now();
  if (Math.abs(Date.parse(claim.clock) - now) > CLOCK_TOLERANCE_MS) {
    const relayTime = new Date(now).toISOString();
    throw new PairingRefused(
      'clock_off',
      `The phone's clock says ${claim.clock}, the relay's ${relayTime}: set the phone's clock`,
    );
  }
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const result = await devices.claimPairingCode({
    codeHash: createHash('sha256').update(normalizePairingCode(claim.code)).digest('hex'),
    keyFingerprint: keyFingerprint(spki),
    platform: claim.platform,
    model: claim.model,
    agentVersion: claim.agentVersion,
    at: new Date(now),
  });
  if (result.outcome !== 'claimed') {
    limiter.noteFailure(network);
    throw new PairingRefused(`pairing_code_${result.outcome}`, REFUSAL_TEXT[result.outcome]);
  }
  const { deviceId, name } = result.device;
  log.info({ deviceId, address }, 'device paired');
  return {
    deviceId,
    deviceName: name,
    certificate: await authority.issueDeviceCertificate(deviceId, spki, new Date(now)),
    ca: authority.certificatePem,
  };
}

const REFUSAL_TEXT = {
  invalid: 'This pairing code is not known; make a new one in the dashboard',
  expired: 'This pairing code has expired; make a new one in the dashboard',
  used: 'This pairing code was already used; make a new one in the dashboard',
} as const;

async function readRequest(request: IncomingMessage): Promise<PairingRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new PairingRefused('malformed_request', 'The request is too large');
    chunks.push(chunk);
  }
  try {
    return pairingRequestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    throw new PairingRefused('malformed_request', 'The body is not a pairing request of protocol version 1');
  }
}

/** @throws {PairingRefused} unless the sender holds the private key of an EC P-256 public key. */
function checkProof(claim: PairingRequest): KeyObject {
  const invalid = () =>
    new PairingRefused('pairing_proof_invalid', 'The proof does not match an EC P-256 public key');
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey({ key: Buffer.from(claim.publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw invalid();
  }
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw invalid();
  const message = Buffer.from(pairingProofMessage(claim.code, claim.publicKey));
  if (!verify('sha256', message, publicKey, Buffer.from(claim.proof, 'base64'))) throw invalid();
  return publicKey;
}

function answer(response: ServerResponse, status: number, body: PairingResponse | PairingErrorBody): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
