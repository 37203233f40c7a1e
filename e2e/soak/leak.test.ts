import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../harness/until.ts';
import { ProcessProbe } from '../load/process-probe.ts';
import type { Leak } from './leaky-main.ts';
import type { Checkpoint } from './sample.ts';
import { judge } from './verdict.ts';

const MIB = 1024 * 1024;
const LEAKY = join(import.meta.dirname, 'leaky-main.ts');

describe.runIf(process.platform === 'linux')('a leak in a process that is watched', () => {
  let directory: string;
  let leaky: ChildProcess;
  let probe: ProcessProbe;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pp-leak-'));
    probe = new ProcessProbe(join(directory, 'probe'));
    leaky = fork(LEAKY, { env: { ...process.env, ...probe.env }, execArgv: [] });
    await until('the probe to answer', async () => await probe.look(leaky.pid!));
  });
  afterEach(async () => {
    const exited = once(leaky, 'exit');
    leaky.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true });
  });

  async function keep(leak: Leak): Promise<void> {
    const kept = once(leaky, 'message');
    leaky.send(leak);
    await kept;
  }

  /** The state now, said to be that after so many seconds and 50 flows in each of them. */
  async function checkpoint(at: number): Promise<Checkpoint> {
    return { at, flows: at * 50, ...(await probe.look(leaky.pid!)) };
  }

  /** What the soak says of a process that has leaked in between two checkpoints. */
  async function problemsOf(seconds: number, leak: Leak): Promise<readonly string[]> {
    // Warm: whatever keeping for the first time costs is there already, as after a soak's own warm-up.
    await keep({ heapBytes: 8, descriptors: 1 });
    const first = await checkpoint(300);
    await keep(leak);
    return judge({
      ...{ samples: [], checkpoints: [first, await checkpoint(300 + seconds)] },
      totals: { started: seconds * 50, explained: 0, unexplained: 0 },
      weather: { cuts: 0, silences: 0, kills: 0, rotations: 0, recoveryP95Ms: null },
      usage: { exact: 1, bounded: 0, countedBytes: 0, wrong: [] },
    }).problems;
  }

  const NOTHING: Leak = { heapBytes: 0, descriptors: 0 };

  test.for([
    ['of nothing', 3_600, NOTHING, []],
    ['of five descriptors', 3_600, { ...NOTHING, descriptors: 5 }, []],
    ['of six descriptors', 3_600, { ...NOTHING, descriptors: 6 }, [/^6 descriptors/]],
    ['of half a megabyte in an hour', 3_600, { ...NOTHING, heapBytes: 0.5 * MIB }, []],
    [
      'of a bit more than a megabyte in an hour',
      3_600,
      { ...NOTHING, heapBytes: 1.3 * MIB },
      [/^the heap grows by 1\.\d+ MB/],
    ],
    [
      'of 250 bytes by each of a minute’s flows',
      60,
      { ...NOTHING, heapBytes: 250 * 3_000 },
      [/^the heap grows by \d+ bytes/],
    ],
  ] as const)('%s is found if it is one', async ([, seconds, leak, expected]) => {
    expect(await problemsOf(seconds, leak)).toEqual(expected.map((what) => expect.stringMatching(what)));
  });
});
