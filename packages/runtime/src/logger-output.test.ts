import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

test('a process whose log nobody reads any more still ends when it is asked to', async () => {
  const program = `
    import { createLogger } from './logger.ts';
    const log = createLogger();
    log.info('started');
    process.stdin.on('end', () => { log.info('stopping'); process.exit(7); }).resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(7);
});
