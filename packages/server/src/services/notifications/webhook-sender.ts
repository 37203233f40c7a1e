import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '@pocketproxy/runtime';
import {
  type AddressCheck,
  checkedLookup,
  RefusedHostError,
  type Resolve,
  refusedLiteral,
} from './checked-lookup.ts';
import { DeliveryError, type Destination, type Message, SEND_TIMEOUT_MS, type Sender } from './message.ts';
import { webhookSignature } from './webhook-signature.ts';

/** Of an answer; what comes after that is not read. */
const ANSWER_LIMIT_BYTES = 4 * 1024;

export interface WebhookSenderOptions {
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly check: AddressCheck;
  /** Names us to receivers. */
  readonly userAgent: string;
}

/** Sends messages as Standard Webhooks (standardwebhooks.com), to addresses that were checked, and nowhere else. */
export class WebhookSender implements Sender {
  readonly #options: WebhookSenderOptions;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  async send({ target, key }: Destination, message: Message, signal: AbortSignal): Promise<void> {
    const url = new URL(target);
    const { check, resolve, userAgent } = this.#options;
    const refused = refusedLiteral(url.hostname, check);
    if (refused !== null) throw refusedTarget(refused);
    if (key === null) throw new TypeError('A webhook has a key');
    const body = webhookBody(message);
    const timestamp = Math.floor(this.#options.clock.now() / 1000);
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': userAgent,
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': webhookSignature(message.id, timestamp, body, key),
      },
      // An agent of its own: no connection is kept, and no proxy of the environment is used.
      agent: false,
      lookup: checkedLookup(resolve, check),
      signal,
    });
    const answer = this.#answer(request);
    request.end(body);
    judge(await answer);
  }

  /** Status of the answer. The time limit holds from looking up the name to the answer. */
  #answer(request: ClientRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = new DeliveryError(`The receiver did not answer within ${SEND_TIMEOUT_MS / 1000} seconds`);
      const timer = this.#options.clock.setTimeout(() => request.destroy(late), SEND_TIMEOUT_MS);
      request.on('error', (error) => {
        timer.cancel();
        reject(explained(error));
      });
      // Comes last: for whatever ends a request without an error, such as an answer to an Upgrade that nobody asked for.
      request.on('close', () => {
        timer.cancel();
        reject(new DeliveryError(REASONS.ECONNRESET!));
      });
      request.on('response', (response) => {
        timer.cancel();
        resolve(response.statusCode ?? 0);
        discard(response, this.#options.clock);
      });
    });
  }
}

/** What a receiver gets. */
export function webhookBody({ id, event, at, data }: Message): string {
  return JSON.stringify({ id, type: event, at: at.toISOString(), data });
}

/** Lets a receiver finish a short answer, so that it sees no reset; cuts off the rest. */
function discard(response: IncomingMessage, clock: Clock): void {
  let seen = 0;
  const timer = clock.setTimeout(() => response.destroy(), SEND_TIMEOUT_MS);
  response.on('error', () => {});
  response.on('close', () => timer.cancel());
  response.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > ANSWER_LIMIT_BYTES) response.destroy();
  });
}

function judge(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 410) {
    throw new DeliveryError('The receiver answered 410: it wants no more messages', { permanent: true });
  }
  if (status >= 300 && status < 400) {
    const advice = 'Redirects are not followed: make the target the address that it points to';
    throw new DeliveryError(`The receiver answered ${status}. ${advice}`);
  }
  throw new DeliveryError(`The receiver answered ${status}; expected 200 to 299`);
}

function refusedTarget(reason: string, cause?: unknown): DeliveryError {
  const advice = 'Set POCKETPROXY_WEBHOOK_ALLOW_PRIVATE=on to let webhooks reach private addresses';
  return new DeliveryError(`The host is refused: ${reason}. ${advice}`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the host is not known',
  EAI_AGAIN: 'The name of the host could not be looked up',
  ETIMEOUT: 'The name servers did not answer',
  ECONNREFUSED: 'The host refused the connection',
  ECONNRESET: 'The receiver closed the connection without an answer',
  EHOSTUNREACH: 'The host cannot be reached',
  ENETUNREACH: 'The network of the host cannot be reached',
  ETIMEDOUT: 'The host did not answer',
  ABORT_ERR: 'The server was stopped',
};

function explained(error: Error): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (error instanceof RefusedHostError) return refusedTarget(error.reason, error);
  const code = codeOf(error);
  const reason = REASONS[code] ?? `The message could not be sent${code === '' ? '' : ` (${code})`}`;
  return new DeliveryError(reason, { cause: error });
}

/** Of several addresses that were tried, the error of the first says what is wrong. */
function codeOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code } = (first instanceof Error ? first : error) as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : '';
}
