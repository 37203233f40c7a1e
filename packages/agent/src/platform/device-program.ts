import { execFile } from 'node:child_process';
import { ControlError } from './controls.ts';

/** A modem may take its time; one that takes longer than this is stuck. */
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** After a program has ended, what it left running may hold its output open, such as a DHCP client, for ever. */
const LAST_WORDS_MS = 500;
/** Of what a program printed, this many characters are for people. */
const SHOWN = 1_000;

/** Runs a program of the device and answers what it printed. @throws {ControlError} with what it printed */
export type RunDeviceProgram = (program: string, args: readonly string[]) => Promise<string>;

/** Runs programs with argument arrays and a time limit in milliseconds; no shell reads anything. */
export function deviceProgramRunner(timeoutMs = TIMEOUT_MS): RunDeviceProgram {
  return (program, args) =>
    new Promise((resolve, reject) => {
      const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES } as const;
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        const printed = [stdout, stderr].map((text) => text.trim()).filter((text) => text !== '');
        const output = printed.join('\n').slice(-SHOWN);
        if (!error) return resolve(output);
        const call = [program, ...args].join(' ');
        const why = error.killed
          ? `took longer than ${timeoutMs / 1000} s`
          : typeof error.code === 'number'
            ? `ended with exit code ${error.code}`
            : (error.signal ?? error.message);
        reject(new ControlError(`${call}: ${why}${output === '' ? '' : `\n${output}`}`, { cause: error }));
      });
      child.once('exit', () => {
        setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }, LAST_WORDS_MS);
      });
    });
}
