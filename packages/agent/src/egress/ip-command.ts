import { execFile } from 'node:child_process';

/** The program `ip` of iproute2. */
export interface IpCommand {
  /** Output of `ip -j <args>`, parsed. @throws {IpCommandError} */
  read(args: readonly string[]): Promise<unknown>;
  /** @throws {IpCommandError} */
  run(args: readonly string[]): Promise<void>;
}

/** `ip` is missing, or said no. */
export class IpCommandError extends Error {
  readonly code = 'ip_command_failed';

  constructor(args: readonly string[], stderr: string, options?: ErrorOptions) {
    super(`ip ${args.join(' ')}: ${stderr.trim()}`, options);
    this.name = 'IpCommandError';
  }
}

const TIMEOUT_MS = 5_000;
/** A router may hold very many routes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

export class RealIpCommand implements IpCommand {
  async read(args: readonly string[]): Promise<unknown> {
    const output = await execute(['-j', ...args]);
    return output.trim() === '' ? [] : JSON.parse(output);
  }

  async run(args: readonly string[]): Promise<void> {
    await execute(args);
  }
}

function execute(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'ip',
      args,
      { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error) reject(new IpCommandError(args, stderr || error.message, { cause: error }));
        else resolve(stdout);
      },
    );
  });
}
