import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import type { Finding } from '../doctor.ts';
import { orExplain } from './or-explain.ts';

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', off: 'off ', bad: 'BAD ' };

/** `pocketproxy doctor`: what works on this machine, what is off, and how to turn it on. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Tell what works on this machine and how to turn on what is off')
    .action(() =>
      orExplain(async () => {
        const { runDoctor } = await import('../doctor.ts');
        const findings = await runDoctor(loadConfig());
        for (const { state, what, detail, remedy } of findings) {
          console.log(`${MARKS[state]} ${what.padEnd(12)} ${detail}`);
          if (remedy !== undefined) console.log(`                   -> ${remedy}`);
        }
        if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1;
      }),
    );
}
