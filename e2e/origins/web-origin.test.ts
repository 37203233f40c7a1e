import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runCommand } from '../harness/run-command.ts';
import { generatedSha256, generatedStream } from './generated-bytes.ts';
import { GitOrigin } from './git-origin.ts';
import { makeLabCertificates } from './lab-ca.ts';
import { PAGE_RESOURCES } from './page.ts';
import { WebOrigin } from './web-origin.ts';

let directory: string;
let git: GitOrigin;
let plain: WebOrigin;
let secure: WebOrigin;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pp-origin-'));
  const tls = await makeLabCertificates(['localhost'], ['127.0.0.1']);
  await writeFile(join(directory, 'ca.pem'), tls.ca);
  git = await GitOrigin.create();
  plain = await WebOrigin.start({ git });
  secure = await WebOrigin.start({ tls });
});

afterAll(async () => {
  await plain.close();
  await secure.close();
  await git.close();
  await rm(directory, { recursive: true });
});

test('a download is the stream that its hash says', async () => {
  const body = await (await fetch(plain.url('/bytes/300000?seed=s'))).bytes();
  expect(body.length).toBe(300_000);
  expect(createHash('sha256').update(body).digest('hex')).toBe(generatedSha256('s', 300_000));
});

test('an upload is answered with its length and hash', async () => {
  const answer = await fetch(plain.url('/upload'), {
    method: 'PUT',
    body: generatedStream('u', 200_000) as unknown as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  expect(await answer.json()).toEqual({ bytes: 200_000, sha256: generatedSha256('u', 200_000) });
});

test('HTTPS speaks HTTP/2 and HTTP/1.1 with a certificate of the lab CA', async () => {
  const curl = [
    'curl',
    '-sS',
    '--cacert',
    join(directory, 'ca.pem'),
    '-w',
    '%{http_version}',
    secure.url('/'),
  ];
  expect(await runCommand([...curl, '--http2'])).toBe('hello\n2');
  expect(await runCommand([...curl, '--http1.1'])).toBe('hello\n1.1');
});

test('every request is remembered as it came', async () => {
  await fetch(plain.url('/status/418'), { headers: { 'x-lab': 'seen' } });
  const seen = plain.requests.at(-1);
  expect(seen).toMatchObject({ from: '127.0.0.1', method: 'GET', url: '/status/418', version: '1.1' });
  expect(seen?.rawHeaders).toContain('seen');
});

test('a WebSocket gets back what it sends', async () => {
  const socket = new WebSocket(plain.url('/anything').replace('http', 'ws'));
  const message = await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => resolve(String(data)));
  });
  socket.close();
  expect(message).toBe('hello');
});

test('git clones the repository over smart HTTP', async () => {
  await runCommand(['git', 'clone', '-q', plain.url('/git/lab.git'), join(directory, 'clone')]);
  const head = await runCommand(['git', '-C', join(directory, 'clone'), 'rev-parse', 'HEAD']);
  expect(head.trim()).toBe(git.head);
  expect(await readFile(join(directory, 'clone', 'file-2.txt'), 'utf8')).toContain('content 2');
});

test('the big page names all its resources, and each exists', async () => {
  const page = await (await fetch(plain.url('/page'))).text();
  for (let index = 0; index < PAGE_RESOURCES; index += 37) {
    expect(page).toMatch(new RegExp(`/resource/${index}"|fetched\\(${index}\\)`));
    expect((await fetch(plain.url(`/resource/${index}`))).status).toBe(200);
  }
});

test('an endless download stops when nobody reads', async () => {
  const before = plain.bodyBytesSent;
  const abort = new AbortController();
  const answer = await fetch(plain.url('/endless'), { signal: abort.signal });
  expect(answer.status).toBe(200);
  abort.abort();
  expect(plain.bodyBytesSent).toBeGreaterThan(before);
  expect(plain.bodyBytesSent - before).toBeLessThan(64 * 1024 * 1024);
});
