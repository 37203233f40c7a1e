import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { runCommand } from '../harness/run-command.ts';

export interface CurlAnswer {
  readonly status: number;
  readonly headers: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly body: any;
}

/** The REST API by curl, as an operator's script calls it, with the cookies of a browser. */
export class CurlApi {
  readonly #base: string;
  readonly #directory: string;
  token: string | null = null;

  /** `directory` gets the cookies. */
  constructor(base: string, directory: string) {
    this.#base = base;
    this.#directory = directory;
  }

  /** One call; `path` is at the root. Whatever the status is, it is answered. */
  async call(
    method: string,
    path: string,
    body?: object,
    headers: readonly string[] = [],
  ): Promise<CurlAnswer> {
    const cookies = join(this.#directory, 'cookies');
    const argv = ['curl', '-sS', '-i', '--max-time', '90', '-X', method, '-b', cookies, '-c', cookies];
    if (method === 'HEAD') argv.push('--head');
    if (this.token !== null) argv.push('-H', `Authorization: Bearer ${this.token}`);
    for (const header of headers) argv.push('-H', header);
    if (body !== undefined) argv.push('-H', 'Content-Type: application/json', '--data-binary', '@-');
    argv.push(`${this.#base}${path}`);
    const output = await runCommand(argv, { input: body === undefined ? '' : JSON.stringify(body) });
    const at = output.indexOf('\r\n\r\n');
    const [head, text] = [output.slice(0, at), output.slice(at + 4)];
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    return { status, headers: head.toLowerCase(), body: parse(text) };
  }

  /** One call below `/api/v1` that must succeed. Answers its body. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async ok(method: string, path: string, body?: object): Promise<any> {
    const headers = method === 'POST' ? [`Idempotency-Key: ${randomUUID()}`] : [];
    const answer = await this.call(method, `/api/v1${path}`, body, headers);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
