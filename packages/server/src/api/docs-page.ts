import { randomBytes } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Api } from './api.ts';

const PREFIX = '/api/v1/docs';
const SPECIFICATION = '/api/v1/openapi.json';
const YEAR_SECONDS = 31_536_000;

/**
 * `GET /docs`: a page to read and try the API. Its script is megabytes that few processes ever serve, so that it is
 * loaded with the first request, into an application of its own that never listens.
 */
export function docsPage(app: Api): void {
  let page: Promise<FastifyInstance> | null = null;
  const nonce = randomBytes(16).toString('base64');
  const answer = async (reply: FastifyReply, path: string): Promise<FastifyReply> => {
    page ??= loadPage(nonce);
    const { statusCode, headers, rawPayload } = await (await page).inject({ url: `${PREFIX}${path}` });
    return reply.code(statusCode).type(String(headers['content-type'])).send(rawPayload);
  };
  const config = { permission: 'public' } as const;
  const schema = { hide: true };

  // Its script is named relative to the folder.
  app.get('/docs', { config, schema }, (_request, reply) => reply.redirect(`${PREFIX}/`, 301));

  app.get('/docs/', { config, schema }, (_request, reply) => {
    reply.header('content-security-policy', policy(nonce)).header('cache-control', 'no-cache');
    return answer(reply, '/');
  });

  app.get('/docs/js/scalar.js', { config, schema }, (_request, reply) => {
    reply.header('cache-control', `public, max-age=${YEAR_SECONDS}`);
    return answer(reply, '/js/scalar.js');
  });
}

async function loadPage(nonce: string): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const app = fastify();
  await app.register(reference, {
    routePrefix: PREFIX,
    configuration: {
      ...{ url: SPECIFICATION, pageTitle: 'PocketProxy API', nonce },
      // The page talks to this server and nobody else.
      ...{ withDefaultFonts: false, telemetry: false, hideClientButton: true },
      persistAuth: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  return app;
}

/** Only our own script runs. It writes styles into the page. */
function policy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
