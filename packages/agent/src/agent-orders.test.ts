import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, readFile, writeFile } from 'node:fs/promises';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import {
  type CommandOutcome,
  commandOutcomeSchema,
  helloSchema,
  telemetrySchema,
} from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentFixture } from './testing/agent-fixture.ts';

const PATIENT = { timeout: 20_000 };
const QUICK = { type: 'rotate_ip', holdSeconds: 1, registerWithinSeconds: 10 };
const LONG = { type: 'rotate_ip', holdSeconds: 60, registerWithinSeconds: 10 };
const onLinux = process.platform === 'linux';

/** A radio command that writes down how it is called. */
const RADIO = '#!/bin/sh\necho "$1" >> "$0.calls"\necho "radio is $1"\n';

describe('an order', () => {
  let fixture: AgentFixture;
  let radio: string;

  beforeEach(async () => {
    fixture = await AgentFixture.create();
    radio = join(fixture.folder, 'radio.sh');
    await writeFile(radio, RADIO);
    await chmod(radio, 0o755);
    await fixture.pair();
  });
  afterEach(() => fixture.destroy());

  const runWithRadio = () => fixture.run(['--radio-command', radio]);
  const radioCalls = async () =>
    (await readFile(`${radio}.calls`, 'utf8').catch(() => '')).split('\n').filter(Boolean);

  /** Sends an order and waits for the head of its answer. */
  async function send(
    session: ClientHttp2Session,
    id: string,
    order: unknown,
  ): Promise<{ stream: ClientHttp2Stream; headers: Record<string, unknown> }> {
    const stream = session.request({ ':method': 'POST', ':path': `/commands/${id}` });
    stream.on('error', () => {});
    stream.end(typeof order === 'string' ? order : JSON.stringify(order));
    const [headers] = await once(stream, 'response');
    return { stream, headers };
  }

  async function outcomeOf(session: ClientHttp2Session, id: string, order: object): Promise<CommandOutcome> {
    const { stream, headers } = await send(session, id, order);
    expect(headers[':status']).toBe(200);
    let body = '';
    for await (const chunk of stream) body += chunk;
    return commandOutcomeSchema.parse(JSON.parse(body));
  }

  async function exitIp(session: ClientHttp2Session): Promise<string> {
    const stream = session.request({ ':path': '/exit-ip' });
    return JSON.parse(String((await once(stream, 'data'))[0])).ip;
  }

  /** Since when the agent of the state directory runs, as its lock says. */
  const runningSince = async (): Promise<string> => {
    const lock = JSON.parse(await readFile(join(fixture.folder, 'run.lock'), 'utf8').catch(() => '{}'));
    return lock.note?.since ?? '';
  };

  async function die(agent: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }

  it.skipIf(!onLinux)('to rotate gives a simulated phone another exit address', async () => {
    const { session } = await fixture.run();
    expect(await exitIp(session)).toBe('127.0.0.1');
    expect(await outcomeOf(session, 'a', QUICK)).toMatchObject({ status: 'succeeded' });
    const first = await exitIp(session);
    expect(first).toMatch(/^127\.(?!0\.)/);
    // The same order again is answered and changes nothing.
    expect(await outcomeOf(session, 'a', QUICK)).toMatchObject({ status: 'succeeded' });
    expect(await exitIp(session)).toBe(first);
    await writeFile(join(fixture.folder, 'simulated-faults'), 'same-address');
    expect(await outcomeOf(session, 'b', QUICK)).toMatchObject({ status: 'succeeded' });
    expect(await exitIp(session)).toBe(first);
    await writeFile(join(fixture.folder, 'simulated-faults'), 'no-network');
    expect(await outcomeOf(session, 'c', { ...QUICK, registerWithinSeconds: 1 })).toMatchObject({
      status: 'failed',
      reason: 'not_registered',
    });
    await writeFile(join(fixture.folder, 'simulated-faults'), 'off-fails');
    expect(await outcomeOf(session, 'd', QUICK)).toMatchObject({ status: 'failed', reason: 'radio_failed' });
  });

  it('goes on when every session is lost, and is answered on the next one', async () => {
    const { session } = await runWithRadio();
    await send(session, 'a', QUICK);
    session.destroy();
    const next = await fixture.relay.session();
    expect(await outcomeOf(next, 'a', QUICK)).toMatchObject({ status: 'succeeded' });
    expect(await radioCalls()).toEqual(['off', 'on']);
  });

  it.each([
    ['once', ['SIGTERM']],
    ['by a terminal that closes', ['SIGHUP']],
    ['twice, by the terminal and by npm', ['SIGINT', 'SIGINT', 'SIGTERM']],
  ] as const)('under way when the agent is told to stop %s ends with the radio on', async (_how, signals) => {
    const { agent, session } = await runWithRadio();
    const { stream } = await send(session, 'a', LONG);
    await expect.poll(radioCalls, PATIENT).toEqual(['off']);
    const answered = once(stream, 'data');
    const ended = once(agent, 'exit');
    for (const signal of signals) agent.kill(signal);
    expect(JSON.parse(String((await answered)[0]))).toMatchObject({ reason: 'interrupted' });
    expect(await ended).toEqual([0, null]);
    expect(await radioCalls()).toEqual(['off', 'on']);
  });

  it('under way when the device is removed ends with the radio on, also at the second attempt', async () => {
    await writeFile(radio, `${RADIO}[ "$1" = off ] || [ -e "$0.tried" ] || { touch "$0.tried"; exit 1; }\n`);
    const { agent, session } = await runWithRadio();
    await send(session, 'a', LONG);
    await expect.poll(radioCalls, PATIENT).toEqual(['off']);
    const ended = once(agent, 'exit');
    session.goaway(0, 0, Buffer.from('revoked'));
    expect(await ended).toEqual([1, null]);
    expect(await radioCalls()).toEqual(['off', 'on', 'on']);
  });

  it('under way when the agent is killed has the radio on at the next start, and is not begun again', async () => {
    const first = await runWithRadio();
    await send(first.session, 'a', LONG);
    await expect.poll(radioCalls, PATIENT).toEqual(['off']);
    await die(first.agent, 'SIGKILL');
    const second = await runWithRadio();
    // There is no session before the radio is on.
    expect(await radioCalls()).toEqual(['off', 'on']);
    expect(await outcomeOf(second.session, 'a', LONG)).toMatchObject({
      status: 'failed',
      reason: 'interrupted',
    });
    expect(await radioCalls()).toEqual(['off', 'on']);
    await expect(access(join(fixture.folder, 'radio-off'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(!onLinux)('to restart is answered first, and the agent starts anew in its process', async () => {
    const { agent, session } = await fixture.run();
    const before = await runningSince();
    let exited = false;
    agent.once('exit', () => {
      exited = true;
    });
    const order = { type: 'restart_agent' };
    expect(await outcomeOf(session, 'a', order)).toMatchObject({ status: 'succeeded' });
    const next = await fixture.relay.session();
    expect(await runningSince()).not.toBe(before);
    expect((await fixture.command('status')).out).toContain(`running as ${agent.pid}`);
    // Asked again, as after a lost answer: it does not restart once more.
    const after = await runningSince();
    expect(await outcomeOf(next, 'a', order)).toMatchObject({ status: 'succeeded' });
    expect(await runningSince()).toBe(after);
    expect(exited).toBe(false);
    await die(agent, 'SIGTERM');
  });

  it('to restart starts anew also where the process cannot be replaced', async () => {
    const { agent, session } = await fixture.run([], { ipc: true });
    const before = await runningSince();
    expect(await outcomeOf(session, 'a', { type: 'restart_agent' })).toMatchObject({ status: 'succeeded' });
    const next = await fixture.relay.session();
    expect(await runningSince()).not.toBe(before);
    expect(await exitIp(next)).toBe('127.0.0.1');
    expect(agent.connected).toBe(true);
    const ended = once(agent, 'exit');
    agent.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('to reboot makes a simulated phone vanish and come back', async () => {
    const { session } = await fixture.run();
    const closed = once(session, 'close');
    expect(await outcomeOf(session, 'a', { type: 'reboot' })).toMatchObject({ status: 'succeeded' });
    await closed;
    const next = await fixture.relay.session();
    expect(await outcomeOf(next, 'a', { type: 'reboot' })).toMatchObject({ status: 'succeeded' });
  });

  it('of every other type is carried out by a simulated phone, and what it cannot do is said', async () => {
    const { session } = await fixture.run();
    for (const order of [{ type: 'find_phone', seconds: 1 }, { type: 'wifi_off' }, { type: 'wifi_on' }]) {
      expect(await outcomeOf(session, order.type.replace('_', '-'), order)).toMatchObject({
        status: 'succeeded',
      });
    }
    expect(await outcomeOf(session, 'update', { type: 'update_agent' })).toMatchObject({
      status: 'failed',
      reason: 'unsupported',
      output: expect.stringContaining('git pull'),
    });
    const telemetry = session.request({ ':path': '/telemetry' });
    const [line] = await once(telemetry, 'data');
    const hello = helloSchema.parse(JSON.parse(String(line).split('\n')[0]!));
    expect(hello.capabilities).toEqual([
      ...['tcp', 'udp', 'rotate_ip', 'reboot', 'find_phone', 'wifi_on', 'wifi_off', 'restart_agent'],
    ]);
    expect(hello.missing.map(({ name }) => name)).toEqual(['update_agent']);
  });

  it('is no customer traffic: the simulated phone counts it as Wi-Fi', async () => {
    const { session } = await fixture.run();
    await outcomeOf(session, 'a', { type: 'wifi_on' });
    const telemetry = session.request({ ':path': '/telemetry' });
    let text = '';
    for await (const chunk of telemetry) {
      text += chunk;
      if (text.split('\n').length > 2) break;
    }
    const { interfaces } = telemetrySchema.parse(JSON.parse(text.split('\n')[1]!));
    expect(interfaces).toMatchObject({ mobileUp: 0, mobileDown: 0 });
    expect(interfaces?.wifiUp).toBeGreaterThan(0);
    expect(interfaces?.wifiDown).toBeGreaterThan(0);
  });

  it('that is malformed is refused, with the reason', async () => {
    const { session } = await fixture.run();
    const refusals = [
      ['a', '{', 400, 'malformed_request'],
      ['a', { type: 'rotate_ip', holdSeconds: 0, registerWithinSeconds: 1 }, 400, 'malformed_request'],
      ['a', ' '.repeat(20_000), 400, 'malformed_request'],
      ['a', { type: 'dance' }, 501, 'unsupported'],
      ['a_b', QUICK, 400, 'malformed_request'],
      ['', QUICK, 400, 'malformed_request'],
      ['x'.repeat(101), QUICK, 400, 'malformed_request'],
    ] as const;
    for (const [id, order, status, code] of refusals) {
      const { headers } = await send(session, id, order);
      expect(headers).toMatchObject({ ':status': status, 'pp-error': code });
    }
  });
});
