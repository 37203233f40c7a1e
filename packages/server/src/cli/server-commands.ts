import { flushCompileCache } from 'node:module';
import { createLogger, type Logger, watchParent } from '@pocketproxy/runtime';
import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import type { RunningDemo } from '../demo.ts';
import { Lifecycle } from '../lifecycle.ts';
import { type RunningServer, startServer } from '../main.ts';
import { orExplain } from './or-explain.ts';
import { summary } from './summary.ts';

/** After that the process ends as it is; the database recovers from that. */
const STOP_WITHIN_MS = 5_000;
/** Ctrl-C may come twice for one press: from the terminal and from what hands it on. */
const SAME_WISH_MS = 1_000;

/** `pocketproxy start`: what `npm start` runs; for people in front of a terminal. */
export function startCommand(): Command {
  return new Command('start')
    .description('Run everything on this machine, with a simulated phone')
    .option('--no-demo', 'without the simulated phone')
    .action(({ demo }: { demo: boolean }) =>
      orExplain(async () => {
        const config = loadConfig();
        const log = createLogger({ level: config.logLevel ?? 'warn', destination: await readableLog() });
        const began = performance.now();
        await runUntilStopped(config, log, async (lifecycle) => {
          const progress = (step: string) => console.log(`  ${step} ...`);
          const server = await startServer(config, log, progress);
          let phone: RunningDemo | null = null;
          // Stopped after the server has hung up on it: otherwise it would wait for its flows to end.
          lifecycle.onStop('simulated phone', async () => void (await phone?.stop()));
          lifecycle.onStop('server', () => server.stop());
          if (demo && hasControl(server)) {
            const { startDemo } = await import('../demo.ts');
            phone = await startDemo(server, config, log, progress);
          }
          console.log(summary({ config, server, demo: phone, startedInMs: performance.now() - began }));
        });
      }),
    );
}

/** `pocketproxy server`: for service managers; logs JSON lines. */
export function serverCommand(): Command {
  return new Command('server').description('Run the server with the roles of POCKETPROXY_ROLE').action(() =>
    orExplain(async () => {
      const config = loadConfig();
      const log = createLogger({ level: config.logLevel ?? 'info' });
      await runUntilStopped(config, log, async (lifecycle) => {
        const server = await startServer(config, log);
        lifecycle.onStop('server', () => server.stop());
        tellGeneratedPassword(config, server);
        log.info({ role: config.role, url: server.control?.url }, 'server is up');
      });
    }),
  );
}

/** For a terminal. A terminal that was closed must not keep the server from stopping. */
async function readableLog(): Promise<{ write(line: string): void }> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({ ignore: 'pid,hostname', colorize: process.stderr.isTTY });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return { write: (line) => void process.stderr.write(format(line)) };
}

function hasControl(
  server: RunningServer,
): server is RunningServer & { control: NonNullable<RunningServer['control']> } {
  return server.control !== null;
}

/** Not through the log, which is kept. */
function tellGeneratedPassword(config: Config, { firstAdministrator: login }: RunningServer): void {
  if (!login || config.adminPassword !== null) return;
  console.error(`First administrator, shown this once: ${login.email} with password ${login.password}`);
}

/** Starts, and stops on SIGINT, SIGTERM, SIGHUP or when the parent has vanished, whatever state the start is in. */
async function runUntilStopped(
  config: Config,
  log: Logger,
  start: (lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  for (const name of config.unknownNames) log.warn({ setting: name }, 'there is no such setting');
  const lifecycle = new Lifecycle(log);
  exitOnBugs(log);
  const asked = untilAskedToStop();
  const started = start(lifecycle);
  try {
    await Promise.race([started, asked]);
    // Not at the end alone, which comes without notice to a process that is killed: its successor would compile everything again.
    flushCompileCache();
    await asked;
    log.info('stopping');
  } finally {
    const deadline = setTimeout(() => {
      log.error({ ms: STOP_WITHIN_MS }, 'did not stop in time');
      process.exit(1);
    }, STOP_WITHIN_MS);
    // Asked to stop in the middle of starting: what is half started must finish to be stoppable.
    await started.catch(() => {});
    await lifecycle.stop();
    clearTimeout(deadline);
  }
  process.exit(0);
}

/**
 * Resolves at the first wish to stop. Repeated signals are the same wish, handed on by npm or sent by a service manager
 * to all it has started: what has begun to stop must finish, or it leaves an interface and rules behind. Only a person
 * who presses Ctrl-C again is in a hurry.
 */
function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const ask = (signal?: NodeJS.Signals): void => {
      const now = performance.now();
      if (askedAt !== null && signal === 'SIGINT' && now - askedAt > SAME_WISH_MS) process.exit(1);
      askedAt ??= now;
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
    watchParent(ask);
  });
}

/** A process in an unknown state must not go on; whoever runs it starts it again. */
function exitOnBugs(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
}
