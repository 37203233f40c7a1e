import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { type PairingRequest, RELAY_PATHS, RELAY_SERVER_NAME } from '@pocketproxy/protocol';
import type { RelayAddress } from './relay-errors.ts';

const TIMEOUT_MS = 20_000;
const MAX_ANSWER = 64 * 1024;

export interface PairingAnswer {
  readonly status: number;
  /** Parsed JSON, not checked yet; `null` when the body was none. */
  readonly body: unknown;
  /** The relay's clock, when it told it. */
  readonly date: Date | null;
}

/** `POST /pair` to the relay that holds a certificate of `ca`. System and TLS errors are passed on. */
export async function postPairing(
  relay: RelayAddress,
  ca: string,
  claim: PairingRequest,
): Promise<PairingAnswer> {
  const answer = await send(relay, ca, JSON.stringify(claim));
  const date = new Date(answer.headers.date ?? '');
  return {
    status: answer.statusCode ?? 0,
    body: await readJson(answer),
    date: Number.isNaN(date.getTime()) ? null : date,
  };
}

function send({ host, port }: RelayAddress, ca: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({
      method: 'POST',
      host,
      port,
      path: RELAY_PATHS.pair,
      agent: new Agent({
        servername: RELAY_SERVER_NAME,
        ca,
        minVersion: 'TLSv1.3',
        ALPNProtocols: ['http/1.1'],
      }),
      headers: {
        host: RELAY_SERVER_NAME,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      timeout: TIMEOUT_MS,
    });
    call.on('timeout', () => call.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    call.on('error', reject);
    call.on('response', resolve);
    call.end(body);
  });
}

async function readJson(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}
