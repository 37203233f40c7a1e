import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairingRequestSchema } from '@pocketproxy/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority, TestRelay } from './egress/testing/test-relay.ts';

const CLI = new URL('./cli.ts', import.meta.url).pathname;

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the agent command', () => {
  let authority: TestAuthority;
  let relay: TestRelay;
  let folder: string;
  let children: ChildProcess[];

  beforeAll(async () => {
    authority = await TestAuthority.create();
  });
  beforeEach(async () => {
    children = [];
    folder = await mkdtemp(join(tmpdir(), 'agent-cli-'));
    relay = await TestRelay.start(authority, (request, response) => void serve(request, response));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    relay.close();
    await rm(folder, { recursive: true });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/echo') {
      response.end(JSON.stringify({ ip: request.socket.remoteAddress }));
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const certificate = await authority.device(
      'dev_1',
      pairingRequestSchema.parse(JSON.parse(body)).publicKey,
    );
    response.end(
      JSON.stringify({ deviceId: 'dev_1', deviceName: 'Phone 1', certificate, ca: authority.pem }),
    );
  }

  function start(args: readonly string[], ipc = false): ChildProcess {
    const child = spawn(process.execPath, [CLI, ...args, '--state-dir', folder, '--platform', 'simulated'], {
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    children.push(child);
    return child;
  }

  async function finish(child: ChildProcess): Promise<Finished> {
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const [code] = await once(child, 'close');
    return { code, out, err };
  }

  const command = (...args: string[]) => finish(start(args));
  const pair = () => command('pair', relay.pairingUrl('CODE-1234'));

  async function startPaired(ipc = false): Promise<{ agent: ChildProcess; session: ClientHttp2Session }> {
    await pair();
    const agent = start(['run'], ipc);
    agent.stdout?.resume();
    return { agent, session: await relay.session() };
  }

  it('pairs, and tells what it is', async () => {
    expect(await command('status')).toMatchObject({ code: 0, out: expect.stringContaining('not paired') });
    expect(await pair()).toMatchObject({
      code: 0,
      out: expect.stringContaining('Paired as "Phone 1" (dev_1)'),
    });
    const { out } = await command('status', '--json');
    expect(JSON.parse(out)).toMatchObject({
      device: { id: 'dev_1', relay: `127.0.0.1:${relay.port}` },
      running: null,
    });
    for (const file of await readdir(folder))
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  it('prints what a person can act on, and nothing else', async () => {
    await pair();
    const again = await pair();
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Use --force') });
    expect(again.err.trim().split('\n')).toHaveLength(1);
    expect((await command('run', '--egres-interface', 'wwan0')).err).toContain('Unknown: --egres-interface');
  });

  it('needs to be paired before it runs', async () => {
    expect(await command('run')).toMatchObject({
      code: 1,
      err: expect.stringContaining('pocketproxy-agent pair'),
    });
  });

  it('serves the relay, and ends in order', async () => {
    const { agent, session } = await startPaired();
    const origin = createServer((socket) => {
      // The agent resets what is open when it ends.
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    const { port } = origin.address() as AddressInfo;

    const allowed = session.request({
      ':method': 'CONNECT',
      ':authority': `127.0.0.1:${port}`,
      'pp-allow-private': '1',
    });
    const [headers] = await once(allowed, 'response');
    expect(headers[':status']).toBe(200);
    allowed.on('error', () => {});
    allowed.write('hello');
    expect(String((await once(allowed, 'data'))[0])).toBe('hello');

    const refused = session.request({ ':method': 'CONNECT', ':authority': `127.0.0.1:${port}` });
    const [refusal] = await once(refused, 'response');
    expect(refusal).toMatchObject({ ':status': 403, 'pp-error': 'destination_refused' });

    const exit = session.request({ ':path': '/exit-ip' });
    expect(JSON.parse(String((await once(exit, 'data'))[0]))).toEqual({ ip: '127.0.0.1' });

    const { out } = await command('status');
    expect(out).toContain(`running as ${agent.pid}`);
    const ended = once(agent, 'exit');
    agent.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await readdir(folder)).toEqual(['identity.json']);
    origin.close();
  });

  it('runs once per state directory', async () => {
    const { agent } = await startPaired();
    expect(await command('run')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`process ${agent.pid}`),
    });
    const killed = once(agent, 'exit');
    agent.kill('SIGKILL');
    await killed;
    start(['run']);
    await relay.session();
  });

  it('does not outlive the process that supervises it', async () => {
    const { agent } = await startPaired(true);
    const ended = once(agent, 'exit');
    agent.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('ends when the relay no longer knows it', async () => {
    const { agent, session } = await startPaired();
    const finished = finish(agent);
    session.goaway(0, 0, Buffer.from('revoked'));
    expect(await finished).toMatchObject({
      code: 1,
      err: expect.stringContaining('no longer accepts this device'),
    });
  });
});
