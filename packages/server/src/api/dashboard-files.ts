import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';

export interface DashboardOptions {
  /** Folder of the built dashboard; without its `index.html` the page says how to build it. */
  readonly dashboardFolder: string;
}

const YEAR_MS = 31_536_000_000;
/** Paths that are never pages: an unknown one below them is a problem. `/api` itself is a page about the API. */
const NOT_PAGES = /^\/(?:api\/|(?:r|assets|healthz|readyz|metrics)(?:\/|$))/;
const MISSING = `PocketProxy is running, but its dashboard was not built.
Build it with "npm run build" in the repository, then reload this page. "npm start" does that by itself.
The API works without it: see /api/v1/docs
`;

/** Serves the built dashboard at the root: files by name, and its page for every path that is nothing else. */
export async function dashboardFiles(app: Api, { dashboardFolder }: DashboardOptions): Promise<void> {
  const options = { config: { permission: 'public' }, schema: { hide: true } } as const;
  await app.register(fastifyStatic, {
    serve: false,
    root: dashboardFolder,
    preCompressed: true,
    index: false,
  });

  // Their names hold a hash of what is in them.
  app.get('/assets/*', options, (request, reply) =>
    reply.sendFile(pathOf(request), { immutable: true, maxAge: YEAR_MS }),
  );
  for (const file of ['/theme.js', '/favicon.svg'] as const) {
    app.get(file, options, (_request, reply) => {
      reply.header('cache-control', 'no-cache');
      return reply.sendFile(file, { cacheControl: false });
    });
  }
  app.get('/*', options, (request, reply) => {
    if (NOT_PAGES.test(pathOf(request))) return reply.callNotFound();
    return isBuilt(dashboardFolder) ? sendPage(reply) : sendHint(reply);
  });
}

/** Scripts are ours alone; styles are also written by the libraries that place menus and dialogs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

function sendPage(reply: FastifyReply): FastifyReply {
  reply.header('content-security-policy', POLICY).header('cache-control', 'no-cache');
  return reply.sendFile('index.html', { cacheControl: false });
}

function sendHint(reply: FastifyReply): FastifyReply {
  return reply.code(503).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(MISSING);
}

/** Looked at anew each time: it may be built while the server runs. */
function isBuilt(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'index.html')).length > 0;
  } catch {
    return false;
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}
