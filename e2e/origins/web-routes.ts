import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { generatedStream } from './generated-bytes.ts';
import type { GitOrigin } from './git-origin.ts';
import { bigPage, pageResource } from './page.ts';

/** What routes count for tests. */
export interface WebStats {
  /** Bytes that endless downloads have handed to the kernel. */
  bodyBytesSent: number;
  stalledStreams: number;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly stats: WebStats;
}

const ENDLESS = Buffer.alloc(16 * 1024, 'pocketproxy ');

const ROUTES: readonly (readonly [RegExp, (call: Call, match: RegExpExecArray) => void])[] = [
  [/^\/$/, ({ response }) => text(response, 'hello\n')],
  [/^\/ip$/, ({ request, response }) => text(response, clientAddress(request))],
  [/^\/headers$/, ({ request, response }) => json(response, request.rawHeaders)],
  [/^\/status\/(\d{3})$/, ({ response }, [, code]) => response.writeHead(Number(code)).end(`status ${code}`)],
  [/^\/bytes\/(\d+)$/, (call, [, length]) => download(call, Number(length))],
  [/^\/endless$/, endless],
  [/^\/upload$/, (call) => void upload(call)],
  [/^\/echo$/, ({ request, response }) => void pipeline(request, response).catch(() => response.destroy())],
  [/^\/chunked\/(\d+)$/, ({ response }, [, count]) => chunked(response, Number(count))],
  [/^\/slow\/(\d+)$/, ({ response }, [, ms]) => void setTimeout(() => text(response, 'slow\n'), Number(ms))],
  [/^\/never$/, () => {}],
  [/^\/reset$/, ({ request }) => void request.socket.resetAndDestroy()],
  [/^\/page$/, ({ response }) => text(response, bigPage(), 'text/html')],
  [/^\/resource\/(\d+)$/, ({ response }, [, index]) => resource(response, Number(index))],
];

/** Answers one request of an origin. */
export function serveWeb(
  request: IncomingMessage,
  response: ServerResponse,
  stats: WebStats,
  git: GitOrigin | undefined,
): void {
  response.on('error', () => {});
  request.on('error', () => {});
  const url = new URL(request.url ?? '/', 'http://origin');
  if (git && url.pathname.startsWith('/git/')) {
    git.handle(request, response);
    return;
  }
  for (const [pattern, handle] of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (match) {
      handle({ request, response, url, stats }, match);
      return;
    }
  }
  response.writeHead(404).end('no such page\n');
}

function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

function text(response: ServerResponse, body: string, type = 'text/plain'): void {
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.end(body);
}

function json(response: ServerResponse, body: unknown): void {
  text(response, JSON.stringify(body), 'application/json');
}

function resource(response: ServerResponse, index: number): void {
  const { type, body } = pageResource(index);
  text(response, body, type);
}

function download({ response, url }: Call, length: number): void {
  response.setHeader('content-length', length);
  pipeline(generatedStream(url.searchParams.get('seed') ?? 'lab', length), response).catch(() =>
    response.destroy(),
  );
}

/** Sends for ever, and counts what it could write without waiting for the reader. */
function endless({ response, stats }: Call): void {
  stats.stalledStreams++;
  response.once('close', () => stats.stalledStreams--);
  const write = (): void => {
    while (!response.destroyed) {
      stats.bodyBytesSent += ENDLESS.length;
      if (!response.write(ENDLESS)) return;
    }
  };
  response.on('drain', write);
  write();
}

async function upload({ request, response }: Call): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of request) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    json(response, { bytes, sha256: hash.digest('hex') });
  } catch {
    response.destroy();
  }
}

function chunked(response: ServerResponse, count: number): void {
  for (let index = 0; index < count; index++) response.write(`chunk ${index}\n`);
  response.addTrailers({ 'x-chunks': String(count) });
  response.end();
}
