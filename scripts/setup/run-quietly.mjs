import { spawn } from 'node:child_process';

/** A program that set-up needs has failed; what it printed is in the message. */
export class SetupError extends Error {}

/**
 * Runs a program without showing its output, unless it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 */
export function runQuietly(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => reject(new SetupError(`${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const text = Buffer.concat(output).toString().trim().split('\n').slice(-30).join('\n');
      reject(new SetupError(`"${command} ${args.join(' ')}" ended with ${code ?? signal}:\n${text}`));
    });
  });
}
