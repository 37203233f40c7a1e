import { expect, test } from 'vitest';
import { Child } from './child.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { until, within } from './until.ts';

const node = (code: string): string[] => [process.execPath, '-e', code];

test('lines of both outputs are kept and can be awaited', async () => {
  const child = new Child(node('console.log("one"); console.error("two"); setInterval(() => {}, 1000)'));
  await child.log.waitFor(/two/);
  await child.log.waitFor(/^one$/);
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(child.running).toBe(false);
});

test('waiting for a line ends with the process, and shows what it said', async () => {
  const child = new Child(node('console.log("broken"); process.exit(3)'), { name: 'program' });
  await expect(child.log.waitFor(/never/)).rejects.toThrow(/program ended with 3.*broken/s);
});

test('a program that does not exist ends like any other', async () => {
  const child = new Child(['/no/such/program']);
  expect(await child.exited).toEqual({ code: 127, signal: null });
});

test('commands answer their output, and tell why they failed', async () => {
  expect(await runCommand(['cat'], { input: 'text' })).toBe('text');
  expect((await tryCommand(['false'])).code).toBe(1);
  await expect(runCommand(node('console.error("why"); process.exit(2)'))).rejects.toThrow(
    /exited with 2: why/,
  );
});

test('conditions are awaited with a deadline', async () => {
  let looks = 0;
  expect(await until('three looks', () => (++looks === 3 ? 'seen' : null))).toBe('seen');
  await expect(until('nothing', () => false, 50)).rejects.toThrow(/in vain for: nothing/);
  await expect(within('for ever', 20, new Promise(() => {}))).rejects.toThrow(/for ever/);
});
