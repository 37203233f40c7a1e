import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentFixture, finish } from './testing/agent-fixture.ts';

describe('the agent command', () => {
  let fixture: AgentFixture;

  beforeEach(async () => {
    fixture = await AgentFixture.create();
  });
  afterEach(() => fixture.destroy());

  const command = (...args: string[]) => fixture.command(...args);
  const pair = () => fixture.pair();

  async function startPaired(ipc = false): ReturnType<AgentFixture['run']> {
    await pair();
    return await fixture.run([], { ipc });
  }

  it('pairs, and tells what it is', async () => {
    expect(await command('status')).toMatchObject({ code: 0, out: expect.stringContaining('not paired') });
    expect(await pair()).toMatchObject({
      code: 0,
      out: expect.stringContaining('Paired as "Phone 1" (dev_1)'),
    });
    const { out } = await command('status', '--json');
    expect(JSON.parse(out)).toMatchObject({
      device: { id: 'dev_1', relay: `127.0.0.1:${fixture.relay.port}` },
      running: null,
    });
    for (const file of await readdir(fixture.folder))
      expect((await stat(join(fixture.folder, file))).mode & 0o777).toBe(0o600);
  });

  it('prints what a person can act on, and nothing else', async () => {
    await pair();
    const again = await pair();
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Use --force') });
    expect(again.err.trim().split('\n')).toHaveLength(1);
    expect((await command('run', '--egres-interface', 'wwan0')).err).toContain('Unknown: --egres-interface');
    expect((await command('run', 'egress-interface', 'wwan0')).err).toContain('Unknown: egress-interface');
    expect((await command('run', '--egress-interface=')).err).toContain('No value for --egress-interface');
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
    expect(await readdir(fixture.folder)).toEqual(['identity.json']);
    origin.close();
  });

  it('ends in order while it dials a relay that is silent', async () => {
    await pair();
    const calls: Socket[] = [];
    const silent = createServer((socket) => calls.push(socket.on('error', () => {})));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const file = join(fixture.folder, 'identity.json');
    const identity = JSON.parse(await readFile(file, 'utf8'));
    const { port } = silent.address() as AddressInfo;
    await writeFile(file, JSON.stringify({ ...identity, relayPort: port }));

    const agent = fixture.start(['run']);
    agent.stdout?.resume();
    await once(silent, 'connection');
    const ended = once(agent, 'exit');
    agent.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    for (const call of calls) call.destroy();
    silent.close();
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
    await fixture.run();
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
