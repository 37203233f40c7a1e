import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable, ProgramNotFoundError } from '@pocketproxy/runtime';

const TIMEOUT_MS = 5_000;

/**
 * Runs a program of the system to its end and answers its standard output.
 * @throws {ProgramNotFoundError}, or the system's error with the program's standard error in it
 */
export async function runCommand(program: string, ...args: readonly string[]): Promise<string> {
  const path = findExecutable(program);
  if (path === null) throw new ProgramNotFoundError(program);
  const { stdout } = await promisify(execFile)(path, args, { timeout: TIMEOUT_MS });
  return stdout;
}
