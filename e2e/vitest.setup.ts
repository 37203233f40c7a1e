import { afterEach } from 'vitest';
import { tailOfAllChildren } from './harness/child-log.ts';

afterEach((context) => {
  if (context.task.result?.state !== 'fail') return;
  process.stderr.write(
    `\nWhat the processes of "${context.task.name}" printed last:\n${tailOfAllChildren()}\n`,
  );
});
