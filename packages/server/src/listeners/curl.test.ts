import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testCertificate } from './testing/certificate.ts';
import { eventually, ListenerKit } from './testing/listener-kit.ts';

const run = promisify(execFile);

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    // It is there, and did not like the arguments.
    return (error as { status?: number | null }).status != null;
  }
}

describe.skipIf(!has('curl', '--version'))('real clients (curl is needed)', () => {
  let kit: ListenerKit;
  let port: number;
  let folder: string;
  const body = randomBytes(3 * 1024 * 1024);
  let uploaded: string | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pocketproxy-listeners-'));
    const { certificate, secureContext } = await testCertificate();
    writeFileSync(join(folder, 'cert.pem'), certificate);
    kit = await ListenerKit.start({ secureContext });
    ({ port } = await kit.httpOrigin((request, response) => {
      if (request.method === 'PUT') {
        const hash = createHash('sha256');
        request.on('data', (chunk: Buffer) => hash.update(chunk));
        request.on('end', () => {
          uploaded = hash.digest('hex');
          response.end('thanks');
        });
      } else if (request.url === '/body') {
        response.end(body);
      } else response.end(`hello ${request.headers.host}`);
    }));
  });

  beforeEach(() => {
    kit.ingress.asked.length = 0;
  });

  afterAll(async () => {
    await kit.stop();
    rmSync(folder, { recursive: true });
  });

  async function curl(...args: string[]): Promise<string> {
    const { stdout } = await run('curl', ['-sS', '--max-time', '20', '--noproxy', '', ...args], {
      encoding: 'utf8',
    });
    return stdout;
  }

  const PROXIES: Record<string, () => string[]> = {
    'http://': () => ['-x', `http://user:secret@127.0.0.1:${kit.port}`],
    'http:// with CONNECT': () => ['-p', '-x', `http://user:secret@127.0.0.1:${kit.port}`],
    'https://': () => [
      '--proxy-cacert',
      join(folder, 'cert.pem'),
      '-x',
      `https://user:secret@127.0.0.1:${kit.port}`,
    ],
    'https:// with CONNECT': () => ['-p', ...PROXIES['https://']!()],
    'https:// with TLS 1.2': () => ['--tls-max', '1.2', ...PROXIES['https://']!()],
    'socks4://': () => ['-x', `socks4://user%3Asecret@127.0.0.1:${kit.port}`],
    'socks4a://': () => ['-x', `socks4a://user%3Asecret@127.0.0.1:${kit.port}`],
    'socks5://': () => ['-x', `socks5://user:secret@127.0.0.1:${kit.port}`],
    'socks5h://': () => ['-x', `socks5h://user:secret@127.0.0.1:${kit.port}`],
  };
  /** These resolve names themselves. */
  const LOCAL_NAMES = new Set(['socks4://', 'socks5://']);

  describe.each(Object.keys(PROXIES))('curl through %s', (scheme) => {
    const proxy = PROXIES[scheme]!;
    const host = LOCAL_NAMES.has(scheme) ? '127.0.0.1' : 'a.test';

    test('gets an answer', async () => {
      expect(await curl(...proxy(), `http://${host}:${port}/`)).toBe(`hello ${host}:${port}`);
      expect(kit.ingress.asked).toEqual([{ host, port }]);
    });

    test('downloads and uploads unchanged', async () => {
      const [down, up] = [join(folder, 'down'), join(folder, 'up')];
      writeFileSync(up, body);
      await curl(...proxy(), '-o', down, `http://${host}:${port}/body`);
      expect(readFileSync(down).equals(body)).toBe(true);
      uploaded = null;
      expect(await curl(...proxy(), '-T', up, `http://${host}:${port}/up`)).toBe('thanks');
      expect(uploaded).toBe(createHash('sha256').update(body).digest('hex'));
    });
  });

  test('curl keeps its connection for several requests', async () => {
    const urls = [1, 2, 3].map((n) => `http://a.test:${port}/${n}`);
    const format = '%{num_connects}\n';
    const proxy = PROXIES['http://']!();
    const out = await curl(
      ...proxy,
      '-o',
      '/dev/null',
      '-o',
      '/dev/null',
      '-o',
      '/dev/null',
      '-w',
      format,
      ...urls,
    );
    expect(out).toBe('1\n0\n0\n');
    expect(kit.ingress.asked).toHaveLength(1);
  });

  test('curl finds out what the proxy wants and tries again on the same connection', async () => {
    const out = await curl(
      ...['--proxy-anyauth', '-U', 'user:secret', '-p', '-x', `http://127.0.0.1:${kit.port}`],
      ...['-w', '%{http_connect} %{num_connects}', '-o', '/dev/null', `http://a.test:${port}/`],
    );
    expect(out).toBe('200 1');
  });

  test.each([
    ['a wrong password over SOCKS5', 'socks5h://user:wrong@', 97],
    ['a wrong password over SOCKS4a', 'socks4a://user%3Awrong@', 97],
    ['a wrong password over CONNECT', 'http://user:wrong@', 56],
  ])('curl is told of %s', async (_, user, code) => {
    const args = ['-p', '-x', `${user}127.0.0.1:${kit.port}`, `http://a.test:${port}/`];
    await expect(curl(...args)).rejects.toMatchObject({ code });
    expect(kit.ingress.asked).toEqual([]);
  });

  test.skipIf(!has('nc', '-h'))('nc -X 5 from an allowed address', async () => {
    kit.ingress.allowlist.add('127.0.0.1');
    const nc = spawn('nc', ['-X', '5', '-x', `127.0.0.1:${kit.port}`, 'a.test', String(port)]);
    try {
      let text = '';
      nc.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      nc.stdin.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n');
      await eventually(() => text).toMatch(/hello x$/);
    } finally {
      nc.kill();
      kit.ingress.allowlist.clear();
    }
  });
});
