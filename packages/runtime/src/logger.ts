import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** Field names whose values never reach a log, at the top level and one level down. */
const SECRET_FIELDS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'privateKey',
  'proof',
  'pairingCode',
  'pairingUrl',
  'databaseUrl',
];

export interface LoggerOptions {
  readonly level?: string | undefined;
  readonly destination?: DestinationStream | undefined;
}

/** A JSON logger to standard output that drops secrets by field name. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]);
  const settings = { level: options.level ?? 'info', base: null, redact: { paths, censor: '[redacted]' } };
  return pino(settings, options.destination ?? standardOutput());
}

/**
 * Standard output as a stream that survives its reader. pino's own destination tries for ever to write to a pipe whose
 * reader was killed, so that the process, asked to stop, would never end.
 */
function standardOutput(): DestinationStream {
  const { stdout } = process;
  if (!stdout.listeners('error').includes(ignore)) stdout.on('error', ignore);
  return stdout;
}

function ignore(): void {}

/** A logger that says nothing, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
