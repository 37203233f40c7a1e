import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Backoff } from './backoff.ts';
import { type ProcessExit, SupervisedProcess, type SupervisorOptions } from './child-process.ts';
import { findSetpriv } from './child-process-command.ts';
import { FakeClock, RealClock } from './clock.ts';
import { silentLogger } from './logger.ts';

/** A queue that tests read events from, so that nothing has to be polled or slept for. */
class Events<T> {
  #ready: T[] = [];
  #waiting: ((value: T) => void)[] = [];

  readonly push = (value: T): void => {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(value);
    else this.#ready.push(value);
  };

  next(): Promise<T> {
    const value = this.#ready.shift();
    if (value !== undefined) return Promise.resolve(value);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function supervise(script: string, options: Partial<SupervisorOptions> = {}) {
  const lines = new Events<string>();
  const starts = new Events<number>();
  const exits = new Events<ProcessExit>();
  const supervised = new SupervisedProcess(
    { name: 'test', command: '/bin/sh', args: ['-c', script] },
    {
      log: silentLogger(),
      clock: new RealClock(),
      backoff: null,
      onLine: lines.push,
      onStart: starts.push,
      onExit: exits.push,
      ...options,
    },
  );
  return { supervised, lines, starts, exits };
}

/** A script that says it is ready and then does nothing until a signal comes. */
const IDLE = 'trap "echo stopping; exit 0" TERM; echo ready; while :; do sleep 0.05; done';

describe('SupervisedProcess', () => {
  it('reads both output streams line by line', async () => {
    const { supervised, lines } = supervise('echo one; echo two >&2; printf three');
    supervised.start();
    const seen = [await lines.next(), await lines.next(), await lines.next()];
    expect(seen.sort()).toEqual(['one', 'three', 'two']);
  });

  it('tells how a process ended that is run only once', async () => {
    const { supervised } = supervise('exit 3');
    supervised.start();
    expect(await supervised.ended).toEqual({ code: 3, signal: null });
    expect(supervised.pid).toBeNull();
  });

  it('passes arguments on as they are, without a shell', async () => {
    const lines = new Events<string>();
    const supervised = new SupervisedProcess(
      { name: 'echo', command: 'echo', args: ['$HOME', '; exit 1', '*'] },
      { log: silentLogger(), clock: new RealClock(), backoff: null, onLine: lines.push },
    );
    supervised.start();
    expect(await lines.next()).toBe('$HOME ; exit 1 *');
    expect((await supervised.ended).code).toBe(0);
  });

  it('refuses to start a program that does not exist', () => {
    const supervised = new SupervisedProcess(
      { name: 'none', command: 'no-such-program-here', args: [] },
      { log: silentLogger(), clock: new RealClock() },
    );
    expect(() => supervised.start()).toThrow(expect.objectContaining({ code: 'program_not_found' }));
  });

  it('restarts a process that ended, with growing waits', async () => {
    const clock = new FakeClock();
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 0.99 });
    const { supervised, exits, starts } = supervise('exit 1', { clock, backoff });
    supervised.start();
    await starts.next();
    await exits.next();
    clock.advance(198);
    expect(supervised.pid).toBeNull();
    clock.advance(2);
    expect(await starts.next()).toBeGreaterThan(0);
    await exits.next();
    clock.advance(396);
    expect(supervised.pid).toBeNull();
    clock.advance(2);
    await starts.next();
    await exits.next();
    await supervised.stop();
  });

  it('restarts quickly again after a run that was long enough', async () => {
    const clock = new FakeClock();
    const backoff = new Backoff({ minMs: 100, maxMs: 10_000, random: () => 0.99 });
    const { supervised, exits, starts } = supervise('read line; exit 1', {
      clock,
      backoff,
      stableAfterMs: 5_000,
    });
    for (let i = 0; i < 5; i++) backoff.next();
    supervised.start();
    await starts.next();
    clock.advance(5_000);
    supervised.signal('SIGKILL');
    await exits.next();
    clock.advance(200);
    await starts.next();
    await supervised.stop();
  });

  it('stops with the asked signal and waits for the end', async () => {
    const { supervised, lines } = supervise(IDLE);
    supervised.start();
    expect(await lines.next()).toBe('ready');
    expect(await supervised.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await lines.next()).toBe('stopping');
  });

  it('kills a process that ignores the signal once the grace is over', async () => {
    const clock = new FakeClock();
    const { supervised, lines } = supervise('trap "" TERM; echo ready; while :; do sleep 0.05; done', {
      clock,
    });
    supervised.start();
    await lines.next();
    const stopped = supervised.stop('SIGTERM', 2_000);
    clock.advance(1_999);
    expect(supervised.pid).not.toBeNull();
    clock.advance(1);
    expect(await stopped).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('does not start again when it is stopped between two runs', async () => {
    const clock = new FakeClock();
    const { supervised, exits } = supervise('exit 1', {
      clock,
      backoff: new Backoff({ minMs: 100, maxMs: 100 }),
    });
    supervised.start();
    await exits.next();
    expect(await supervised.stop()).toEqual({ code: 1, signal: null });
    clock.advance(10_000);
    supervised.start();
    expect(supervised.pid).toBeNull();
  });

  it.skipIf(findSetpriv() === null || process.getuid?.() !== 0)(
    'gives up root but for the capabilities that are named (needs root and setpriv)',
    async () => {
      const hidden = await mkdtemp(join(tmpdir(), 'pp-hidden-'));
      onTestFinished(() => rm(hidden, { recursive: true, force: true }));
      await writeFile(join(hidden, 'file'), '');
      const lines = new Events<string>();
      const script = `
        const { accessSync, readFileSync } = require('node:fs');
        accessSync(process.argv[1]);
        console.log(process.getuid(), /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);`;
      const supervised = new SupervisedProcess(
        {
          name: 'test',
          command: process.execPath,
          args: ['-e', script, join(hidden, 'file')],
          runAs: { uid: 65534, gid: 65534, capabilities: ['dac_read_search'] },
        },
        { log: silentLogger(), clock: new RealClock(), backoff: null, onLine: lines.push },
      );
      supervised.start();
      expect(await lines.next()).toBe('65534 0000000000000004');
    },
  );

  it.skipIf(findSetpriv() === null)(
    'takes the process along when we are killed (needs setpriv)',
    async () => {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: parent.stdout });
      await once(lines, 'line');
      // The grandchild holds the same pipe: it closes when both are gone, and not before.
      const closed = once(lines, 'close');
      parent.kill('SIGKILL');
      await closed;
    },
  );
});

/** Starts a process that outlives us unless the kernel ends it, and prints its id. */
const PARENT = `
  import { SupervisedProcess } from './child-process.ts';
  import { RealClock } from './clock.ts';
  import { silentLogger } from './logger.ts';
  const child = new SupervisedProcess(
    { name: 'sleeper', command: '/bin/sh', args: ['-c', 'echo $$; exec sleep 600 >/proc/' + process.pid + '/fd/1'] },
    { log: silentLogger(), clock: new RealClock(), onLine: (line) => console.log(line) },
  );
  child.start();
`;
