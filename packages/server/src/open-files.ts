import { readdirSync, readFileSync } from 'node:fs';

/** Descriptors of this process. */
export interface OpenFiles {
  /** How many the system allows (RLIMIT_NOFILE); Node.js has raised it to the hard limit. */
  readonly limit: number;
  /** How many are open now. */
  readonly open: number;
}

/** `null` where the system does not tell: only Linux does. */
export function readOpenFiles(): OpenFiles | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? null : { limit: Number(limit), open: readdirSync('/proc/self/fd').length };
  } catch {
    return null;
  }
}

/** Never given to customers: phones that come back, the API, the database, and refusals need them. */
const RESERVED_SHARE = 1 / 8;
const RESERVED_AT_LEAST = 48;
const RESERVED_AT_MOST = 2_048;

/**
 * How many descriptors customers may have of those that the system allows. `others` are the ones that ports and phones
 * have taken since `atStart` was read.
 */
export function descriptorsForCustomers(atStart: OpenFiles, others: number): number {
  const { limit, open } = atStart;
  return Math.max(0, limit - open - reservedDescriptors(limit) - others);
}

/** How many are kept back of `limit`. */
export function reservedDescriptors(limit: number): number {
  return Math.floor(Math.min(Math.max(limit * RESERVED_SHARE, RESERVED_AT_LEAST), RESERVED_AT_MOST));
}
