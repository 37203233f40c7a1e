import { execFile } from 'node:child_process';
import { findExecutable } from '@pocketproxy/runtime';

/** A program of the system that failed, or is not there. */
export class ProgramError extends Error {
  constructor(argv: readonly string[], reason: string) {
    super(`${argv.join(' ')}: ${reason}`);
    this.name = 'ProgramError';
  }
}

/** Runs a program of the system to its end. */
export type RunProgram = (argv: readonly string[], input?: string) => Promise<string>;

const TIMEOUT_MS = 10_000;

/**
 * Runs `argv` and answers what it wrote to its standard output.
 * @throws {ProgramError} with what it wrote to its standard error
 */
export const runProgram: RunProgram = (argv, input = '') =>
  new Promise((resolve, reject) => {
    const [name = '', ...args] = argv;
    // A service's PATH often lacks the folders of system programs.
    const program = findExecutable(name) ?? name;
    const child = execFile(program, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error) reject(new ProgramError(argv, stderr.trim() || error.message));
      else resolve(stdout);
    });
    // A program that ends without reading is judged by how it ended.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
