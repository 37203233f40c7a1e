import type { Logger } from '@pocketproxy/runtime';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { type Authenticator, guardRoutes } from './access.ts';
import type { Api } from './api.ts';
import { handleError, handleNotFound } from './problem.ts';
import { refuseUnstorableText } from './storable-text.ts';

const BODY_LIMIT_BYTES = 256 * 1024;

/** An HTTP application without routes: how it parses, refuses and logs, and that each route needs a permission. */
export function createBareApi(log: Logger, identity: Authenticator): Api {
  const app: Api = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A reverse proxy on this host may say whom it speaks for; nobody else may.
    trustProxy: 'loopback',
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Views are built field by field and checked by the compiler; checking a page of rows again takes milliseconds.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  logRequests(app);
  guardRoutes(app, identity);
  refuseUnstorableText(app);
  return app;
}

function logRequests(app: Api): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method, route: routeOptions.url, status: reply.statusCode, ms }, 'request');
  });
}
