import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../services/service-error.ts';

/** Tells the version of what is answered (RFC 9110 section 8.8.3), to be sent back in `If-Match`. */
export function setVersion(reply: FastifyReply, { version }: { readonly version: number }): void {
  reply.header('etag', `"${version}"`);
}

/**
 * The version that a change is meant for (RFC 9110 section 13.1.1), so that of two people who change the same thing
 * the second does not overwrite the first unseen; `undefined` when the client does not mind.
 * @throws {ServiceError} `validation_failed`
 */
export function expectedVersion({ headers }: FastifyRequest): number | undefined {
  const text = headers['if-match'];
  if (text === undefined || text.trim() === '*') return undefined;
  const version = /^\s*"(\d{1,9})"\s*$/.exec(text)?.[1];
  if (version !== undefined) return Number(version);
  const message = 'Expected the ETag of an earlier answer, such as "7"';
  throw new ServiceError('validation_failed', `If-Match: ${message}`, {
    fields: [{ field: 'headers.if-match', message }],
  });
}
