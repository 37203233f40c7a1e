import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../harness/run-command.ts';

const IDENTITY = ['-c', 'user.name=Lab', '-c', 'user.email=lab@localhost', '-c', 'commit.gpgsign=false'];

/** A git repository behind smart HTTP, by git's own CGI program (gitprotocol-http). */
export class GitOrigin {
  readonly #root: string;
  /** Commit that `HEAD` names. */
  readonly head: string;

  constructor(root: string, head: string) {
    this.#root = root;
    this.head = head;
  }

  /** Makes a repository `/git/lab.git` with some history, in a folder of its own below `parent`. */
  static async create(parent = tmpdir()): Promise<GitOrigin> {
    const root = await mkdtemp(join(parent, 'pp-git-'));
    const repository = join(root, 'lab.git');
    const git = (...args: string[]): Promise<string> =>
      runCommand(['git', '-C', repository, ...IDENTITY, ...args]);
    await runCommand(['git', 'init', '-q', '-b', 'main', repository]);
    for (let index = 0; index < 3; index++) {
      await writeFile(join(repository, `file-${index}.txt`), `content ${index}\n`.repeat(1000));
      await git('add', '.');
      await git('commit', '-q', '-m', `Commit ${index}`);
    }
    return new GitOrigin(root, (await git('rev-parse', 'HEAD')).trim());
  }

  /** Serves `/git/...` of one request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://origin');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        PATH_INFO: url.pathname.replace(/^\/git/, ''),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    backend.stdin.on('error', () => {});
    backend.stderr.resume();
    backend.once('error', () => response.destroy());
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.once('close', () => answer(response, Buffer.concat(chunks)));
  }

  async close(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Turns a CGI answer (RFC 3875 section 6) into an HTTP answer. */
function answer(response: ServerResponse, cgi: Buffer): void {
  const end = cgi.indexOf('\r\n\r\n');
  if (end < 0) {
    response.writeHead(500).end();
    return;
  }
  let status = 200;
  for (const line of cgi.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(cgi.subarray(end + 4));
}
