import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** Calls of a control socket by name: each takes and answers JSON. */
export type ControlCalls = Readonly<Record<string, (argument: Record<string, unknown>) => unknown>>;

/** Serves the calls as `POST /<name>` on a Unix socket. */
export async function serveControl(path: string, calls: ControlCalls): Promise<void> {
  const server = createServer((request, response) => {
    void answer(request, calls).then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(path);
  await once(server, 'listening');
}

async function answer(request: IncomingMessage, calls: ControlCalls): Promise<unknown> {
  const name = (request.url ?? '').slice(1);
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (!call) throw new Error(`No such call: ${name}`);
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return (await call(JSON.parse(text || '{}') as Record<string, unknown>)) ?? null;
}
