import { randomBytes } from 'node:crypto';
import type { CreateApiKeyBody, PageQuery } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { and, eq } from 'drizzle-orm';
import { apiKeys } from '../db/access-schema.ts';
import type { Db } from '../db/database.ts';
import { notify } from '../db/notify.ts';
import { afterCursor, inScope, type Page, pageOf } from '../db/scope.ts';
import { grantablePermissions, type Principal, scopeOf } from './permissions.ts';
import { hashApiKey, type Principals } from './principals.ts';
import { textOf } from './random-text.ts';
import { ServiceError } from './service-error.ts';

export type ApiKeyRecord = typeof apiKeys.$inferSelect;

/** What every key begins with: secret scanners and people know it by that. */
export const API_KEY_PREFIX = 'pp_';
/** 52 characters of 5 bits each: 260 bits. */
const KEY_LENGTH = 52;
const HINT_LENGTH = API_KEY_PREFIX.length + 5;

export interface ApiKeysOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly principals: Pick<Principals, 'forgetUser'>;
}

/** Bearer tokens of programs. Everybody makes keys for themselves; administrators see and revoke everybody's. */
export class ApiKeys {
  readonly #options: ApiKeysOptions;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  /**
   * Makes a key for whoever asks; its text is told this once.
   * @throws {ServiceError} `validation_failed` for a scope that its user does not have, or an expiry in the past
   */
  async create(
    principal: Principal,
    { name, scopes, expiresAt }: CreateApiKeyBody,
  ): Promise<{ readonly record: ApiKeyRecord; readonly key: string }> {
    const { db, clock, newId } = this.#options;
    requireGrantable(principal, scopes);
    const now = new Date(clock.now());
    if (expiresAt !== null && expiresAt <= now) throw invalid('expiresAt', 'Expected a time in the future');
    const key = API_KEY_PREFIX + textOf(randomBytes(KEY_LENGTH));
    const [record] = await db
      .insert(apiKeys)
      .values({
        ...{ id: newId(), organizationId: principal.organizationId, userId: principal.userId },
        ...{ name, scopes: [...new Set(scopes)], expiresAt, createdAt: now },
        ...{ keyHash: hashApiKey(key), keyHint: key.slice(0, HINT_LENGTH) },
      })
      .returning();
    return { record: record!, key };
  }

  async list(principal: Principal, page: PageQuery): Promise<Page<ApiKeyRecord>> {
    const rows = await this.#options.db
      .select()
      .from(apiKeys)
      .where(and(...visibleTo(principal), afterCursor(page, apiKeys.id)))
      .orderBy(apiKeys.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** @throws {ServiceError} `not_found` */
  async get(principal: Principal, id: string): Promise<ApiKeyRecord> {
    const [row] = await this.#options.db
      .select()
      .from(apiKeys)
      .where(and(...visibleTo(principal), eq(apiKeys.id, id)));
    if (!row) throw notFound();
    return row;
  }

  /** Ends a key for good. @throws {ServiceError} `not_found` */
  async delete(principal: Principal, id: string): Promise<ApiKeyRecord> {
    const { db, principals } = this.#options;
    const gone = await db.transaction(async (tx) => {
      const [row] = await tx
        .delete(apiKeys)
        .where(and(...visibleTo(principal), eq(apiKeys.id, id)))
        .returning();
      if (!row) throw notFound();
      await notify(tx, [{ type: 'access.changed', userId: row.userId }]);
      return row;
    });
    principals.forgetUser(gone.userId);
    return gone;
  }
}

function visibleTo(principal: Principal) {
  return [
    inScope(scopeOf(principal), apiKeys.organizationId),
    principal.role === 'admin' ? undefined : eq(apiKeys.userId, principal.userId),
  ];
}

function requireGrantable(principal: Principal, scopes: readonly string[]): void {
  const grantable = grantablePermissions(principal);
  const wrong = scopes.filter((scope) => !(grantable as readonly string[]).includes(scope));
  if (wrong.length === 0) return;
  throw invalid('scopes', `Not among what you may give (${grantable.join(', ')}): ${wrong.join(', ')}`);
}

function invalid(field: string, message: string): ServiceError {
  const fields = [{ field: `body.${field}`, message }];
  return new ServiceError('validation_failed', `body.${field}: ${message}`, { fields });
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such API key');
}
