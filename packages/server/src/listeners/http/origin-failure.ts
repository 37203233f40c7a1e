import { FlowError } from '@pocketproxy/protocol';

/** Why a request to an origin failed: the dial's own reason, answers that are no HTTP, or a lost connection. */
export function originFailure(error: NodeJS.ErrnoException): FlowError {
  if (error instanceof FlowError) return error;
  const code = isParseError(error) ? 'origin_protocol_error' : 'connection_reset';
  return new FlowError(code, undefined, { cause: error });
}

/** Whether the HTTP parser could not read an answer. */
export function isParseError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('HPE_') ?? false;
}
