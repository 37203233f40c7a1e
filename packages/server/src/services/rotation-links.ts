import { createHmac, randomBytes } from 'node:crypto';
import type { CreateRotationLinkBody } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { RotationLinkRecord, RotationLinkRepository } from '../db/rotation-link-repository.ts';
import { EVERY_ORGANIZATION, type Page, type PageRequest, type Scope } from '../db/scope.ts';
import type { RotationRecord, Rotations } from './rotations.ts';
import { ServiceError } from './service-error.ts';

export type { RotationLinkRecord };

/** 192 bits. */
const TOKEN_BYTES = 24;
const HINT_LENGTH = 6;

export interface RotationLinksOptions {
  readonly repository: RotationLinkRepository;
  readonly rotations: Pick<Rotations, 'request' | 'waitFor'>;
  /** Makes a stolen table useless for guessing. */
  readonly hashKey: Buffer;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** A link together with the token that is told this once. */
export interface RotationLinkWithToken {
  readonly link: RotationLinkRecord;
  readonly token: string;
}

/** A link that was used, and the rotation that it asked for or joined. */
export interface UsedLink {
  readonly link: RotationLinkRecord;
  readonly rotation: RotationRecord;
}

/** Public addresses that rotate one device, for who has no account. */
export class RotationLinks {
  readonly #options: RotationLinksOptions;

  constructor(options: RotationLinksOptions) {
    this.#options = options;
  }

  /** @throws {ServiceError} `validation_failed` (no such device) */
  async create(
    scope: Scope,
    { deviceId, name, minIntervalSeconds, expiresAt }: CreateRotationLinkBody,
    createdBy: string,
  ): Promise<RotationLinkWithToken> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const link = await this.#options.repository.create(scope, {
      ...{ id: this.#options.newId(), deviceId, name, minIntervalSeconds, expiresAt, createdBy },
      tokenHash: this.#hash(token),
      tokenHint: token.slice(0, HINT_LENGTH),
      createdAt: new Date(this.#options.clock.now()),
    });
    if (link) return { link, token };
    const message = 'There is no such device';
    throw new ServiceError('validation_failed', message, { fields: [{ field: 'body.deviceId', message }] });
  }

  list(
    scope: Scope,
    query: PageRequest & { readonly deviceId?: string | undefined },
  ): Promise<Page<RotationLinkRecord>> {
    return this.#options.repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<RotationLinkRecord> {
    const record = await this.#options.repository.byId(scope, id);
    if (!record) throw notFound();
    return record;
  }

  /** The link works no more when this resolves. @throws {ServiceError} `not_found` */
  async revoke(scope: Scope, id: string): Promise<RotationLinkRecord> {
    const gone = await this.#options.repository.delete(scope, id);
    if (!gone) throw notFound();
    return gone;
  }

  /**
   * Rotates the device of a link, or joins its running rotation.
   * @throws {ServiceError} `not_found`, `link_expired`, `rotation_too_soon`
   */
  async use(token: string): Promise<UsedLink> {
    const link = await this.#find(token);
    return { link, rotation: await this.#rotate(link) };
  }

  /** The rotation that a link asked for when it has ended, or as it stands after `waitSeconds`. @throws `not_found` */
  waitFor({ rotation }: UsedLink, waitSeconds: number): Promise<RotationRecord> {
    return this.#options.rotations.waitFor(EVERY_ORGANIZATION, rotation.id, waitSeconds);
  }

  async #find(token: string): Promise<RotationLinkRecord> {
    const link = await this.#options.repository.byToken(this.#hash(token));
    if (!link) throw new ServiceError('not_found', 'There is no such link, or it was revoked');
    if (link.expiresAt !== null && link.expiresAt.getTime() <= this.#options.clock.now())
      throw new ServiceError('link_expired');
    return link;
  }

  #rotate({ id, deviceId, lastUsedAt, minIntervalSeconds }: RotationLinkRecord): Promise<RotationRecord> {
    const { repository, rotations, clock } = this.#options;
    const wanted = { deviceId, trigger: 'link', requestedBy: id } as const;
    return rotations.request(EVERY_ORGANIZATION, wanted, async (tx, _rotation, made) => {
      const now = clock.now();
      // Who clicks twice wants one rotation, and no refusal.
      if (!made || (await repository.use(tx, id, new Date(now)))) return;
      const sinceMs = now - (lastUsedAt?.getTime() ?? now);
      const retryAfterSeconds = Math.max(1, Math.ceil(minIntervalSeconds - sinceMs / 1000));
      throw new ServiceError('rotation_too_soon', `Wait ${retryAfterSeconds} s before the next rotation`, {
        retryAfterSeconds,
      });
    });
  }

  #hash(token: string): string {
    return createHmac('sha256', this.#options.hashKey).update(token).digest('hex');
  }
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such link');
}
