import { BackupError } from '../backup/manifest.ts';
import { ConfigError } from '../config.ts';
import { DataDirLockedError } from '../data-dir-lock.ts';
import { EmbeddedPostgresError } from '../db/embedded-postgres-error.ts';
import { isDatabaseUnavailable } from '../domain/database-error.ts';
import { ListenError } from '../listen-error.ts';
import { ServerKeyMismatchError } from '../services/server-key.ts';
import { ServiceError } from '../services/service-error.ts';

const FOR_PEOPLE = [
  BackupError,
  ConfigError,
  DataDirLockedError,
  EmbeddedPostgresError,
  ListenError,
  ServerKeyMismatchError,
];

/** What to tell the operator about an error that they can do something about; `null` for our own mistakes. */
export function explain(error: unknown): string | null {
  if (error instanceof ServiceError) return error.detail;
  if (isDatabaseUnavailable(error))
    return `The database cannot be reached: ${rootCause(error)}. See DATABASE_URL.`;
  if (isPostgresRefusal(error)) return `The database refuses: ${rootCause(error)}. See DATABASE_URL.`;
  return FOR_PEOPLE.some((kind) => error instanceof kind) ? (error as Error).message : null;
}

/** Wrong password, unknown role or database (SQLSTATE classes 28 and 3D). */
function isPostgresRefusal(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'string' && /^(28|3D)[0-9A-Z]{3}$/.test(code)) return true;
  }
  return false;
}

function rootCause(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}
