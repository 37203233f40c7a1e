import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Idempotency } from '../services/idempotency.ts';
import { ServiceError } from '../services/service-error.ts';
import { principalOf } from './access.ts';

/**
 * Answers a creating request with 201. With an Idempotency-Key the work is done once, and a repetition gets the
 * first answer again.
 */
export async function createOnce<T>(
  idempotency: Idempotency,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<T>,
): Promise<T> {
  reply.code(201).header('cache-control', 'no-store');
  const key = request.headers['idempotency-key'];
  if (key === undefined) return await work();
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,200}$/.test(key)) {
    const message = 'Expected 8 to 200 visible ASCII characters';
    throw new ServiceError('validation_failed', `Idempotency-Key: ${message}`, {
      fields: [{ field: 'headers.idempotency-key', message }],
    });
  }
  const fingerprint = `${request.method} ${request.url}\n${JSON.stringify(request.body)}`;
  const begun = await idempotency.begin({ userId: principalOf(request).userId, key, fingerprint });
  if ('body' in begun) {
    reply.code(begun.status).header('idempotent-replayed', 'true');
    return JSON.parse(begun.body) as T;
  }
  try {
    const result = await work();
    await begun.complete({ status: 201, body: JSON.stringify(result) });
    return result;
  } catch (error) {
    await begun.abandon();
    throw error;
  }
}
