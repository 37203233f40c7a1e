import { FlowError } from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import type { ClientOrigin } from '../domain/ingress.ts';

/** The reason to tell the client. What is not a `FlowError` is our own fault: logged, and told as `internal_error`. */
export function flowErrorOf(error: unknown, logger: Logger, origin: ClientOrigin): FlowError {
  if (error instanceof FlowError) {
    if (logger.isLevelEnabled('debug')) {
      logger.debug(
        { port: origin.port, client: origin.address, error: error.code, detail: error.detail },
        'refused',
      );
    }
    return error;
  }
  logger.error(
    { port: origin.port, client: origin.address, err: error },
    'a request failed for an unknown reason',
  );
  return new FlowError('internal_error');
}
