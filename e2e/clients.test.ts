import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewConnection } from './harness/api-client.ts';
import { missingPrograms, needing } from './harness/programs.ts';
import { runCommand, tryCommand } from './harness/run-command.ts';
import { proxyUrl, useWorld } from './harness/world.ts';
import { GitOrigin } from './origins/git-origin.ts';
import { makeLabCertificates } from './origins/lab-ca.ts';
import { WebOrigin } from './origins/web-origin.ts';

const world = useWorld();
const CURL = ['curl', '-sS', '--max-time', '20', '--noproxy', ''];

let directory: string;
let caFile: string;
let git: GitOrigin | undefined;
let plain: WebOrigin;
let secure: WebOrigin;
/** Lets this machine in without a password. */
let open: NewConnection;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pp-clients-'));
  caFile = join(directory, 'ca.pem');
  const tls = await makeLabCertificates(['localhost'], ['127.0.0.1']);
  await writeFile(caFile, tls.ca);
  if (missingPrograms('git').length === 0) git = await GitOrigin.create();
  plain = await WebOrigin.start({ git });
  secure = await WebOrigin.start({ tls });
  open = await world().connect('Open to this machine', { allowlist: ['127.0.0.1'] });
});

afterAll(async () => {
  await plain?.close();
  await secure?.close();
  await git?.close();
  await rm(directory, { recursive: true, force: true });
});

async function curl(...args: string[]): Promise<string> {
  return await runCommand([...CURL, ...args]);
}

/** The origin's URL by name, for clients that leave the name to the proxy. */
function byName(origin: WebOrigin, path = '/'): string {
  return origin.url(path).replace('127.0.0.1', 'localhost');
}

describe.skipIf(missingPrograms('curl').length > 0)(needing('curl', 'curl'), () => {
  const schemes = ['http', 'https', 'socks5', 'socks5h'];

  test.each(schemes)('reaches HTTP and HTTPS through a %s:// proxy', async (scheme) => {
    const proxy = ['--proxy-insecure', '-x', proxyUrl(world().connection, scheme)];
    expect(await curl(...proxy, plain.url('/'))).toBe('hello\n');
    expect(await curl(...proxy, '--cacert', caFile, secure.url('/'))).toBe('hello\n');
    expect(plain.requests.at(-1)).toMatchObject({ method: 'GET', url: '/', from: '127.0.0.1' });
  });

  test.each(schemes)('is refused by a %s:// proxy with a wrong password', async (scheme) => {
    const before = plain.connections;
    const wrong = { ...world().connection, password: 'wrong' };
    const result = await tryCommand([
      ...[...CURL, '--fail', '--proxy-insecure', '-x', proxyUrl(wrong, scheme)],
      plain.url('/'),
    ]);
    expect(result.code).not.toBe(0);
    expect(plain.connections).toBe(before);
  });

  test.each(['socks4', 'socks4a'])(
    'reaches an origin through a %s:// proxy by its address alone',
    async (scheme) => {
      const proxy = `${scheme}://127.0.0.1:${open.port}`;
      expect(await curl('-x', proxy, scheme === 'socks4a' ? byName(plain) : plain.url())).toBe('hello\n');
    },
  );

  test('reaches an origin through a socks4a:// proxy with the password in the user id', async () => {
    const { username, password, port } = world().connection;
    const proxy = `socks4a://${username}%3A${password}@127.0.0.1:${port}`;
    expect(await curl('-x', proxy, byName(plain))).toBe('hello\n');
    const wrong = await tryCommand([...CURL, '-x', proxy.replace(password, 'x'), byName(plain)]);
    expect(wrong.code).not.toBe(0);
  });

  test('speaks HTTP/2 with an HTTPS origin', async () => {
    for (const scheme of schemes) {
      const args = [
        '--proxy-insecure',
        '-x',
        proxyUrl(world().connection, scheme),
        '--cacert',
        caFile,
        '--http2',
      ];
      expect(await curl(...args, '-w', '%{http_version}', secure.url('/'))).toBe('hello\n2');
    }
  });

  test('keeps one connection for many requests', async () => {
    const before = plain.connections;
    const urls = Array.from({ length: 20 }, (_, index) => plain.url(`/resource/${index}`));
    const text = await curl('-x', proxyUrl(world().connection), '-w', '\n%{num_connects}\n', ...urls);
    expect(
      text
        .match(/^[01]$/gm)
        ?.map(Number)
        .reduce((sum, count) => sum + count),
    ).toBe(1);
    expect(plain.connections - before).toBeLessThanOrEqual(2);
  });

  test('gets chunked bodies, trailers, error pages and empty answers as they are', async () => {
    const proxy = ['-x', proxyUrl(world().connection)];
    const chunked = await curl(...proxy, plain.url('/chunked/1000'));
    expect(chunked.split('\n')).toHaveLength(1001);
    expect(await curl(...proxy, '-w', ' %{http_code}', plain.url('/status/503'))).toBe('status 503 503');
    expect(await curl(...proxy, '-I', plain.url('/'))).toMatch(/^HTTP\/1.1 200/);
    expect(await curl(...proxy, '-w', '%{http_code}', plain.url('/status/204'))).toBe('204');
  });

  test('posts bodies, with and without a length, also after Expect', async () => {
    const body = join(directory, 'body');
    await writeFile(body, 'b'.repeat(3_000_000));
    for (const extra of [[], ['-H', 'Transfer-Encoding: chunked'], ['-H', 'Expect: 100-continue']]) {
      const args = ['-x', proxyUrl(world().connection), ...extra, '--data-binary', `@${body}`];
      expect(JSON.parse(await curl(...args, plain.url('/upload')))).toMatchObject({ bytes: 3_000_000 });
    }
  });

  test('learns the exit address from the reserved name', async () => {
    const answer = await curl('-x', proxyUrl(world().connection), 'http://ip.pocketproxy.internal/');
    expect(JSON.parse(answer)).toMatchObject({ ip: '127.0.0.1', device: 'Phone 1', connection: 'First' });
  });

  test('never hands its proxy password to the origin', async () => {
    const headers = await curl('-x', proxyUrl(world().connection), plain.url('/headers'));
    expect(headers.toLowerCase()).not.toContain('proxy-');
    expect(headers).not.toContain(world().connection.password);
  });
});

test.skipIf(missingPrograms('wget').length > 0)(
  needing('wget downloads through the proxy', 'wget'),
  async () => {
    const text = await runCommand(['wget', '-q', '-O', '-', plain.url('/')], {
      env: { http_proxy: proxyUrl(world().connection), no_proxy: '' },
    });
    expect(text).toBe('hello\n');
  },
);

test.skipIf(missingPrograms('git').length > 0)(needing('git clones through the proxy', 'git'), async () => {
  const target = join(directory, 'clone');
  await runCommand(
    [
      'git',
      '-c',
      `http.proxy=${proxyUrl(world().connection)}`,
      'clone',
      '-q',
      plain.url('/git/lab.git'),
      target,
    ],
    { env: { no_proxy: '', NO_PROXY: '' } },
  );
  expect((await runCommand(['git', '-C', target, 'rev-parse', 'HEAD'])).trim()).toBe(git?.head);
});

test.skipIf(missingPrograms('nc').length > 0)(needing('nc -X 5 carries a conversation', 'nc'), async () => {
  const text = await runCommand(
    ['nc', '-X', '5', '-x', `127.0.0.1:${open.port}`, '127.0.0.1', String(plain.port)],
    { input: 'GET / HTTP/1.0\r\n\r\n' },
  );
  expect(text).toMatch(/^HTTP\/1.1 200 OK/);
  expect(text).toContain('hello');
});
