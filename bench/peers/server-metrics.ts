import type { TestServer } from '../../e2e/harness/test-server.ts';

/** One value of the server's `/metrics`. @throws {Error} when there is none of that name without labels */
export async function readMetric(server: TestServer, name: string): Promise<number> {
  const { body } = await server.api.raw('GET', '/metrics');
  const line = body.split('\n').find((text) => text.startsWith(`${name} `));
  if (line === undefined) throw new Error(`The metrics have no ${name}`);
  return Number(line.slice(name.length + 1));
}

/** The server's event loop, in milliseconds since the last time its metrics were read: the delay that 1 % exceeds. */
export async function loopDelayP99Ms(server: TestServer): Promise<number> {
  return (await readMetric(server, 'nodejs_eventloop_lag_p99_seconds')) * 1_000;
}
