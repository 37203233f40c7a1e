import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to standard input. */
  readonly input?: string | Uint8Array | undefined;
  /** The command is killed after this time. */
  readonly withinMs?: number | undefined;
}

/** Runs a command to its end and answers what it printed; a failure is an answer, not an error. */
export async function tryCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [command, ...rest] = argv;
  if (command === undefined) throw new TypeError('No command given');
  return await new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      timeout: options.withinMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    );
  });
}

/** Runs a command that must succeed and answers its standard output. @throws {Error} with its standard error */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryCommand(argv, options);
  if (result.code !== 0) {
    const how = result.code === null ? `was ended by ${result.signal}` : `exited with ${result.code}`;
    throw new Error(`${argv.join(' ')} ${how}: ${(result.stderr || result.stdout).slice(-4000)}`);
  }
  return result.stdout;
}
