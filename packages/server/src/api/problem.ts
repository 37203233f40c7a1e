import { FlowError } from '@pocketproxy/protocol';
import { API_ERRORS, type ApiErrorCode, type FieldError, type Problem } from '@pocketproxy/protocol/api';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { isDatabaseUnavailable } from '../domain/database-error.ts';
import { ServiceError } from '../services/service-error.ts';

/** What is answered instead of a result. */
interface Refusal {
  readonly code: ApiErrorCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number | undefined;
}

/** The one place where errors become answers of the API (RFC 9457). */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalOf(error);
  if (refusal.code === 'internal_error')
    request.log.error({ err: error, route: routeOf(request) }, 'API call failed');
  sendProblem(reply, refusal);
}

/** Answers a path that is no route. */
export function handleNotFound(request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, {
    code: 'not_found',
    detail: `There is no ${request.method} ${request.url.split('?')[0]}`,
  });
}

function sendProblem(reply: FastifyReply, { code, detail, errors, retryAfterSeconds }: Refusal): void {
  const { status, title } = API_ERRORS[code];
  const problem: Problem = {
    type: `urn:pocketproxy:error:${code}`,
    title,
    status,
    detail: detail ?? title,
    code,
    ...(errors && errors.length > 0 && { errors: [...errors] }),
  };
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  reply.code(status).header('cache-control', 'no-store').type('application/problem+json');
  // Already a string: the route's response schema is for its result.
  reply.serializer(JSON.stringify).send(problem);
}

function refusalOf(error: FastifyError): Refusal {
  if (error instanceof ServiceError) {
    const { code, detail, fields, retryAfterSeconds } = error;
    return { code, detail, errors: fields, retryAfterSeconds };
  }
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error);
  if (error instanceof FlowError && error.code === 'overloaded')
    return { code: 'overloaded', retryAfterSeconds: 1 };
  if (isDatabaseUnavailable(error)) return { code: 'database_unavailable', retryAfterSeconds: 1 };
  return refusalByStatus(error);
}

/** Fastify's own refusals, which come before a handler runs. */
function refusalByStatus({ statusCode = 500, message }: FastifyError): Refusal {
  switch (statusCode) {
    case 413:
      return { code: 'payload_too_large' };
    case 415:
      return { code: 'unsupported_media_type', detail: 'Send JSON with Content-Type: application/json' };
    case 429:
      return { code: 'rate_limited' };
    default:
      return statusCode < 500 ? { code: 'malformed_request', detail: message } : { code: 'internal_error' };
  }
}

interface ValidationFailure {
  readonly validation: readonly {
    readonly keyword: string;
    readonly params: unknown;
    readonly instancePath: string;
    readonly message?: string;
  }[];
  readonly validationContext?: string | undefined;
}

function invalidRequest({ validation, validationContext = 'body' }: ValidationFailure): Refusal {
  const errors = validation.flatMap(
    ({ keyword, params, instancePath, message = 'Invalid' }): FieldError[] => {
      const path = [validationContext, ...instancePath.split('/').filter((part) => part !== '')];
      // zod names unknown members together, at the object that holds them.
      const unknown = keyword === 'unrecognized_keys' ? (params as { keys: string[] }).keys : null;
      if (!unknown) return [{ field: path.join('.'), message }];
      return unknown.map((key) => ({ field: [...path, key].join('.'), message: 'There is no such field' }));
    },
  );
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { code: 'validation_failed', detail, errors };
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? request.url}`;
}
