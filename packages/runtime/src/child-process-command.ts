import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program to run. Arguments are an array: no shell ever reads them. */
export interface ProcessSpec {
  /** Name in logs. */
  readonly name: string;
  /** Path, or a name that is looked up in `PATH`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** The whole environment of the child; ours when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Sent by the kernel when we die without having stopped the child. Linux with `setpriv` only. */
  readonly deathSignal?: NodeJS.Signals | undefined;
  /** Gives up root for this user. */
  readonly runAs?: ProcessUser | undefined;
}

export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  /** Capabilities that the user keeps, as `setpriv` names them. Linux with `setpriv` only. */
  readonly capabilities?: readonly string[] | undefined;
}

/** What is handed to `spawn`. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** The program of a `ProcessSpec` does not exist or may not be executed. */
export class ProgramNotFoundError extends Error {
  readonly code = 'program_not_found';
  readonly program: string;

  constructor(program: string) {
    super(`${program}: no such program`);
    this.name = 'ProgramNotFoundError';
    this.program = program;
  }
}

/** Looks `program` up as a shell would; `null` when it is not there. */
export function findExecutable(program: string, path: string = process.env.PATH ?? ''): string | null {
  if (program.includes('/')) return isExecutable(program) ? program : null;
  // Daemons live in sbin directories, which the PATH of an ordinary user often lacks.
  const folders = [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    if (folder !== '' && isExecutable(join(folder, program))) return join(folder, program);
  }
  return null;
}

/**
 * Turns a spec into what `spawn` runs. `setpriv` executes the program in its own place, so the process id is the
 * program's and signals reach it directly.
 * @throws {ProgramNotFoundError} when the program is missing
 */
export function launchCommand(spec: ProcessSpec, setpriv: string | null): LaunchCommand {
  const program = findExecutable(spec.command);
  if (program === null) throw new ProgramNotFoundError(spec.command);
  const user = spec.runAs;
  if (setpriv === null) {
    return { command: program, args: spec.args, ...(user && { uid: user.uid, gid: user.gid }) };
  }
  return {
    command: setpriv,
    args: [...userOptions(user), '--pdeathsig', spec.deathSignal ?? 'SIGKILL', '--', program, ...spec.args],
  };
}

/** Where `setpriv` is, on systems that have it. */
export function findSetpriv(): string | null {
  return process.platform === 'linux' ? findExecutable('setpriv') : null;
}

function userOptions(user: ProcessUser | undefined): string[] {
  if (!user) return [];
  const kept = user.capabilities?.map((name) => `+${name}`).join(',');
  return [
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    // access(2) puts the capabilities of an ordinary user aside, unless this bit is set. It has no other effect once
    // the program runs: what root had and is not named here is lost with execve(2) all the same.
    ...(kept ? [`--inh-caps=${kept}`, `--ambient-caps=${kept}`, '--securebits=+no_setuid_fixup'] : []),
  ];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
