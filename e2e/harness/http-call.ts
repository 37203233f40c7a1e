import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface HttpCall {
  readonly method?: string | undefined;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly withinMs?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Where an HTTP server listens: a TCP port, or a Unix socket (which reaches into other network namespaces). */
export type HttpTarget = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** One HTTP request on a connection of its own. @throws {Error} when there is no answer in time */
export async function callHttp(target: HttpTarget, call: HttpCall): Promise<HttpAnswer> {
  return await new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        ...target,
        method: call.method ?? 'GET',
        path: call.path,
        headers: call.headers,
        agent: false,
        timeout: call.withinMs ?? 30_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.once('timeout', () => request.destroy(new Error(`No answer to ${call.path} in time`)));
    request.once('error', reject);
    request.end(call.body);
  });
}
