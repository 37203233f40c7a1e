import type { ServerHttp2Stream } from 'node:http2';
import {
  type CommandOrder,
  type CommandOutcome,
  commandOrderSchema,
  FlowError,
  TUNNEL_PATHS,
} from '@pocketproxy/protocol';
import { readBody } from './read-body.ts';

/** What carries orders out, each once. Rejects with a `FlowError` when it was not begun. */
export interface OrderTaker {
  take(id: string, order: CommandOrder): Promise<CommandOutcome>;
}

const BODY_LIMIT_BYTES = 16 * 1024;

/** The id that the path of an order ends with. @throws {FlowError} `malformed_request` */
export function orderId(path: string): string {
  const id = path.slice(TUNNEL_PATHS.commands.length);
  if (/^[A-Za-z0-9-]{1,100}$/.test(id)) return id;
  throw new FlowError('malformed_request', 'The id of an order is 1 to 100 letters, digits and hyphens');
}

/** Reads the body of an order. @throws {FlowError} `malformed_request`; `unsupported` for types of later versions */
export async function readOrder(stream: ServerHttp2Stream): Promise<CommandOrder> {
  const body = parseJson((await readBody(stream, BODY_LIMIT_BYTES)).toString('utf8'));
  const order = commandOrderSchema.safeParse(body);
  if (order.success) return order.data;
  const issue = order.error.issues[0];
  if (issue?.code === 'invalid_union' && typeof (body as { type?: unknown } | null)?.type === 'string') {
    throw new FlowError('unsupported', 'This agent does not know the type of the order; update it');
  }
  const field = issue?.path.join('.') || 'body';
  throw new FlowError('malformed_request', `The order is not valid: ${field}: ${issue?.message}`);
}

/** @throws {FlowError} `malformed_request` */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FlowError('malformed_request', 'The order is not JSON');
  }
}
