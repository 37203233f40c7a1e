import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PairingRequest, pairingProofMessage, pairingRequestSchema } from '@pocketproxy/protocol';
import { RealClock } from '@pocketproxy/runtime';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority, TestRelay } from '../egress/testing/test-relay.ts';
import { StateDirectory } from '../state/state-directory.ts';
import { type PairOptions, type PairResult, pairDevice } from './pair-device.ts';

const CODE = 'ABCD-EFGH-JKLM-NPQR';
const DAY_MS = 86_400_000;

describe('pairing', () => {
  let authority: TestAuthority;
  let relay: TestRelay;
  let state: StateDirectory;
  let claims: PairingRequest[];
  let serve: (claim: PairingRequest, response: ServerResponse, request: IncomingMessage) => void;

  beforeAll(async () => {
    authority = await TestAuthority.create();
  });

  beforeEach(async () => {
    state = new StateDirectory(await mkdtemp(join(tmpdir(), 'agent-pair-')));
    claims = [];
    serve = (claim, response) => void grant(claim, response);
    relay = await startRelay();
  });

  afterEach(async () => {
    relay.close();
    await rm(state.path, { recursive: true });
  });

  function startRelay(notBefore?: Date): Promise<TestRelay> {
    const listener = async (request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const claim = pairingRequestSchema.parse(JSON.parse(body));
      claims.push(claim);
      serve(claim, response, request);
    };
    return TestRelay.start(authority, (request, response) => void listener(request, response), notBefore);
  }

  async function grant(claim: PairingRequest, response: ServerResponse, ca = authority.pem): Promise<void> {
    const certificate = await authority.device('dev_1', claim.publicKey);
    response.end(JSON.stringify({ deviceId: 'dev_1', deviceName: 'Phone 1', certificate, ca }));
  }

  function refuse(status: number, code: string, detail = 'Because'): void {
    serve = (_claim, response) => response.writeHead(status).end(JSON.stringify({ code, detail }));
  }

  function pair(options: Partial<PairOptions> = {}): Promise<PairResult> {
    return pairDevice({
      pairingUrl: relay.pairingUrl(CODE),
      state,
      force: false,
      platform: 'simulated',
      model: null,
      clock: new RealClock(),
      retryWaitsMs: [0, 0],
      ...options,
    });
  }

  it('makes this installation a device that holds the key of its certificate', async () => {
    const { identity, clockAheadMs } = await pair();
    expect(identity).toMatchObject({
      deviceId: 'dev_1',
      deviceName: 'Phone 1',
      relayHost: '127.0.0.1',
      relayPort: relay.port,
    });
    expect(await state.readIdentity()).toEqual(identity);
    expect(await state.readPendingPairing()).toBeNull();
    expect(Math.abs(clockAheadMs ?? 99_999)).toBeLessThan(60_000);
    const certificate = new X509Certificate(identity.certificate);
    expect(certificate.verify(new X509Certificate(identity.ca).publicKey)).toBe(true);
    const [claim] = claims;
    const key = createPublicKey({
      key: Buffer.from(claim!.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    const message = Buffer.from(pairingProofMessage(CODE, claim!.publicKey));
    expect(verify('sha256', message, key, Buffer.from(claim!.proof, 'base64'))).toBe(true);
  });

  it('sends nothing to a relay with another key', async () => {
    const other = 'ab'.repeat(32);
    await expect(pair({ pairingUrl: relay.pairingUrl(CODE, other) })).rejects.toMatchObject({
      code: 'wrong_relay_key',
      message: expect.stringContaining(
        `abababab…abababab, but 127.0.0.1:${relay.port} shows ${authority.fingerprint.slice(0, 8)}…`,
      ),
    });
    expect(claims).toHaveLength(0);
  });

  it.each([
    [404, 'pairing_code_invalid', 'pairing_code_invalid'],
    [410, 'pairing_code_expired', 'pairing_code_expired'],
    [409, 'pairing_code_used', 'pairing_code_used'],
    [400, 'clock_off', 'clock_off'],
    [429, 'rate_limited', 'pairing_refused'],
  ])('passes the reason of a refusal on (%i %s)', async (status, refusal, code) => {
    refuse(status, refusal, 'What to do now');
    await expect(pair()).rejects.toMatchObject({ code, message: 'What to do now' });
    expect(await state.readIdentity()).toBeNull();
    expect(claims).toHaveLength(1);
  });

  it('claims again with the same key when the answer was lost', async () => {
    serve = (claim, response, request) => {
      if (claims.length < 3) request.socket.destroy();
      else void grant(claim, response);
    };
    await pair();
    expect(new Set(claims.map((claim) => claim.publicKey)).size).toBe(1);
    expect(claims).toHaveLength(3);
  });

  it('claims again with the same key when the command is run again', async () => {
    serve = (_claim, _response, request) => request.socket.destroy();
    await expect(pair()).rejects.toMatchObject({ code: 'relay_unreachable' });
    serve = (claim, response) => void grant(claim, response);
    await pair();
    expect(new Set(claims.map((claim) => claim.publicKey)).size).toBe(1);
  });

  it('uses a new key for another code', async () => {
    serve = (_claim, _response, request) => request.socket.destroy();
    await expect(pair({ retryWaitsMs: [] })).rejects.toMatchObject({ code: 'relay_unreachable' });
    serve = (claim, response) => void grant(claim, response);
    await pair({ pairingUrl: relay.pairingUrl('OTHER-CODE') });
    expect(new Set(claims.map((claim) => claim.publicKey)).size).toBe(2);
  });

  it('keeps an existing identity until a forced pairing succeeded', async () => {
    const { identity } = await pair();
    await expect(pair()).rejects.toMatchObject({
      code: 'already_paired',
      message: expect.stringContaining('--force'),
    });
    refuse(410, 'pairing_code_expired');
    await expect(pair({ force: true })).rejects.toMatchObject({ code: 'pairing_code_expired' });
    expect(await state.readIdentity()).toEqual(identity);
    serve = (claim, response) => void grant(claim, response);
    const again = await pair({ force: true });
    expect(again.identity.privateKey).not.toBe(identity.privateKey);
    expect(await state.readIdentity()).toEqual(again.identity);
  });

  it('tells a wrong clock from a wrong relay', async () => {
    relay.close();
    relay = await startRelay(new Date(Date.now() + 2 * DAY_MS));
    await expect(pair()).rejects.toMatchObject({ code: 'clock_off' });
    expect(claims).toHaveLength(0);
  });

  it('does not keep an identity that would not work', async () => {
    const stranger = await TestAuthority.create();
    serve = (claim, response) => void grant(claim, response, stranger.pem);
    await expect(pair()).rejects.toMatchObject({ code: 'relay_answer_invalid' });
    serve = (_claim, response) => response.end('{}');
    await expect(pair()).rejects.toMatchObject({ code: 'relay_answer_invalid' });
    expect(await state.readIdentity()).toBeNull();
  });

  it('says that the relay cannot be reached', async () => {
    relay.close();
    await expect(pair()).rejects.toMatchObject({
      code: 'relay_unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  it.each(['', 'http://example.com', 'pocketproxy://host/pair', 'pocketproxy://host:1/pair?code=x&ca=zz'])(
    'explains what is wrong with %j',
    async (pairingUrl) => {
      await expect(pair({ pairingUrl })).rejects.toMatchObject({ code: 'bad_pairing_url' });
    },
  );
});
