import { eq, gt, lt, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** Which rows a request may touch; every query for a request takes one. */
export interface Scope {
  /** `null`: rows of every organization. */
  readonly organizationId: string | null;
}

/** For work that no request asked for. */
export const EVERY_ORGANIZATION: Scope = { organizationId: null };

export function inScope(scope: Scope, column: PgColumn): SQL | undefined {
  return scope.organizationId === null ? undefined : eq(column, scope.organizationId);
}

/** A page of a list. Ids grow with time, so the last id of a page is the cursor to the next. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export function afterCursor({ cursor }: PageRequest, column: PgColumn): SQL | undefined {
  return cursor === undefined ? undefined : gt(column, cursor);
}

/** The same for a list whose newest rows come first. */
export function beforeCursor({ cursor }: PageRequest, column: PgColumn): SQL | undefined {
  return cursor === undefined ? undefined : lt(column, cursor);
}

/** Makes a page of `limit + 1` rows that were asked for. */
export function pageOf<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? idOf(last) : null };
}
