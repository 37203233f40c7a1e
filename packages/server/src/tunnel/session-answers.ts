import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import {
  type CommandOutcome,
  commandOutcomeSchema,
  FlowError,
  isFlowErrorCode,
  TUNNEL_HEADERS,
} from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';

export interface BodyLimits {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The body of an answer, complete or not at all.
 * @throws {FlowError} `tunnel_lost` when the stream ended before the body did, `connect_timeout`, or `internal_error`
 * when the body is larger than `limitBytes`
 */
export function readBody(
  stream: ClientHttp2Stream,
  limitBytes: number,
  { clock, withinMs, signal }: BodyLimits,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const { session } = stream;
    const settle = () => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: FlowError) => {
      settle();
      stream.destroy();
      reject(error);
    };
    const onAbort = () => fail(new FlowError('request_timeout', 'The request was given up'));
    const timer = clock.setTimeout(
      () => fail(new FlowError('connect_timeout', 'The phone did not answer in time')),
      withinMs,
    );
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) fail(new FlowError('internal_error', 'The phone answered too much'));
      else chunks.push(chunk);
    });
    stream.once('end', () => {
      ended = true;
    });
    // A stream that was cut may emit `end` as well, so the last word is `close`. With a session that we destroy it even
    // looks complete: Node gives its streams no error code then.
    stream.once('close', () => {
      settle();
      if (ended && !stream.aborted && !stream.rstCode && !session?.destroyed) resolve(Buffer.concat(chunks));
      else reject(new FlowError('tunnel_lost'));
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else if (stream.closed && stream.destroyed) fail(new FlowError('tunnel_lost'));
  });
}

/** What the agent refused a request with, whatever it sent. */
export function readRefusal(headers: IncomingHttpHeaders): FlowError {
  const code = headers[TUNNEL_HEADERS.error];
  const detail = headers[TUNNEL_HEADERS.detail];
  if (!isFlowErrorCode(code))
    return new FlowError('internal_error', 'The phone answered with an unknown error');
  return new FlowError(code, typeof detail === 'string' ? decodeDetail(detail) : undefined);
}

/** @throws {FlowError} `internal_error` */
export function parseExitIp(text: string): string {
  const ip = (parseJson(text) as { ip?: unknown } | null)?.ip;
  if (typeof ip === 'string' && /^[0-9a-fA-F.:]{2,45}$/.test(ip)) return ip;
  throw new FlowError('internal_error', 'The phone did not report its exit address');
}

/** @throws {FlowError} `internal_error` */
export function parseOutcome(text: string): CommandOutcome {
  const outcome = commandOutcomeSchema.safeParse(parseJson(text));
  if (outcome.success) return outcome.data;
  throw new FlowError('internal_error', 'The phone did not tell the outcome of an order');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The agent percent-encodes; whatever it sends, the text stays one printable line. */
function decodeDetail(text: string): string {
  try {
    return decodeURIComponent(text)
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 300);
  } catch {
    return 'unreadable detail';
  }
}
