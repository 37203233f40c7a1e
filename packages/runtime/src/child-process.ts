import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Backoff } from './backoff.ts';
import { findSetpriv, launchCommand, type ProcessSpec } from './child-process-command.ts';
import type { Clock, Timer } from './clock.ts';
import type { Logger } from './logger.ts';

/** How a process ended; exactly one of the two is set. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SupervisorOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Waits between restarts; `null`: run once. Half a second up to thirty when left out. */
  readonly backoff?: Backoff | null;
  /** A process that ran this long was healthy: the next restart is quick again. */
  readonly stableAfterMs?: number;
  /** Takes each line of output instead of the log. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Called after each start, the first included. */
  readonly onStart?: (pid: number) => void;
  /** Called after each end, before the wait for the next start. */
  readonly onExit?: (exit: ProcessExit) => void;
}

const STABLE_AFTER_MS = 10_000;
const KILL_GRACE_MS = 5_000;

/**
 * One child process that is kept running: restarted with backoff, its output logged, stopped with us. It runs in
 * a process group of its own, so that Ctrl-C in a terminal reaches only us, who stop children in order; where the
 * kernel can tell it of our death (Linux), even `kill -9` leaves nothing behind.
 */
export class SupervisedProcess {
  /** Resolves with the last exit, once the process will not be started again. Never rejects. */
  readonly ended: Promise<ProcessExit>;
  readonly #spec: ProcessSpec;
  readonly #options: SupervisorOptions;
  readonly #backoff: Backoff | null;
  #end: (exit: ProcessExit) => void = () => {};
  #child: ChildProcess | null = null;
  #startedAt = 0;
  #restart: Timer | null = null;
  #stopping = false;
  #lastExit: ProcessExit = { code: null, signal: null };

  constructor(spec: ProcessSpec, options: SupervisorOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#backoff =
      options.backoff === undefined ? new Backoff({ minMs: 500, maxMs: 30_000 }) : options.backoff;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** The running process, or `null` between runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Whether it was told to end for good. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Starts the process for the first time.
   * @throws {ProgramNotFoundError} when there is no such program; later failures are retried
   */
  start(): void {
    if (this.#child || this.#restart || this.#stopping) return;
    this.#spawn();
  }

  /** Sends `signal` to the running process. Answers false when none runs. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  /** Ends the process for good: `signal`, then after `graceMs` SIGKILL to its whole group. Waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = KILL_GRACE_MS): Promise<ProcessExit> {
    this.#stopping = true;
    this.#restart?.cancel();
    this.#restart = null;
    const child = this.#child;
    if (!child) {
      this.#end(this.#lastExit);
      return this.ended;
    }
    child.kill(signal);
    const escalation = this.#options.clock.setTimeout(() => {
      this.#options.log.warn({ process: this.#spec.name, graceMs }, 'did not stop in time, killing it');
      killGroup(child);
    }, graceMs);
    const exit = await this.ended;
    escalation.cancel();
    return exit;
  }

  #spawn(): void {
    const { command, args, uid, gid } = launchCommand(this.#spec, findSetpriv());
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(this.#spec.cwd !== undefined && { cwd: this.#spec.cwd }),
      ...(this.#spec.env !== undefined && { env: this.#spec.env }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    this.#child = child;
    this.#startedAt = this.#options.clock.monotonic();
    this.#readLines(child.stdout, 'stdout');
    this.#readLines(child.stderr, 'stderr');
    // A failed spawn (no memory, no process slots) emits `error` and no `exit`.
    child.once('error', (err) => {
      this.#options.log.error({ process: this.#spec.name, err }, 'process failed');
      if (child.pid === undefined) this.#exited({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => this.#exited({ code, signal }));
    if (child.pid !== undefined) {
      this.#options.log.debug({ process: this.#spec.name, pid: child.pid }, 'process started');
      this.#options.onStart?.(child.pid);
    }
  }

  #exited(exit: ProcessExit): void {
    this.#child = null;
    this.#lastExit = exit;
    this.#options.onExit?.(exit);
    if (this.#stopping || this.#backoff === null) {
      this.#end(exit);
      return;
    }
    const ranMs = this.#options.clock.monotonic() - this.#startedAt;
    if (ranMs >= (this.#options.stableAfterMs ?? STABLE_AFTER_MS)) this.#backoff.reset();
    const waitMs = this.#backoff.next();
    this.#options.log.warn({ process: this.#spec.name, ...exit, waitMs }, 'process ended, restarting it');
    this.#restart = this.#options.clock.setTimeout(() => this.#again(), waitMs);
  }

  #again(): void {
    this.#restart = null;
    try {
      this.#spawn();
    } catch (err) {
      // The program may be gone for a moment only, as during an upgrade of its package.
      this.#options.log.error({ process: this.#spec.name, err }, 'process failed');
      this.#exited({ code: 127, signal: null });
    }
  }

  #readLines(stream: Readable | null, name: 'stdout' | 'stderr'): void {
    if (!stream) return;
    stream.on('error', () => {});
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      if (this.#options.onLine) this.#options.onLine(line, name);
      else if (line !== '') this.#options.log.info({ process: this.#spec.name, stream: name }, line);
    });
  }
}

/** Reaches what the child itself started, too. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
