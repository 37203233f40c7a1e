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
  const settings = {
    level: options.level ?? 'info',
    base: null,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: describeError },
  };
  return pino(settings, options.destination ?? standardOutput());
}

/** What of a database's error says what went wrong, and nothing of what was in the statement. */
const DATABASE_FIELDS = [
  'code',
  'severity',
  'where',
  'schema_name',
  'table_name',
  'constraint_name',
  'routine',
];

/** Deadlocks and failed serializations: their detail names processes and locks only. */
const ROLLBACK_CLASS = /^40/;

/** A failed statement is told without its text and its parameters, which hold what people have entered. */
function describeError(error: Error): object {
  if (!('query' in error && 'params' in error)) return pino.stdSerializers.err(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return { type: error.constructor.name, message: 'Failed query' };
  const fields = cause as Error & Readonly<Record<string, unknown>>;
  const told = DATABASE_FIELDS.filter((name) => fields[name] !== undefined).map((name) => [
    name,
    fields[name],
  ]);
  const detail = ROLLBACK_CLASS.test(String(fields.code)) ? { detail: fields.detail } : {};
  return {
    type: error.constructor.name,
    message: `Failed query: ${cause.message}`,
    stack: cause.stack,
    ...Object.fromEntries(told),
    ...detail,
  };
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
