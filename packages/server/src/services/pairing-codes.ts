import { createHash } from 'node:crypto';
import { formatPairingUrl, normalizePairingCode } from '@pocketproxy/protocol';
import type { CreatedPairingCode, PageQuery } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { DeviceRepository } from '../db/device-repository.ts';
import type {
  PairingCodeRecord,
  PairingCodeRepository,
  RelayAddress,
} from '../db/pairing-code-repository.ts';
import type { Page, Scope } from '../db/scope.ts';
import { RELAY_FRESH_MS } from '../domain/device-status.ts';
import { randomText } from './random-text.ts';
import { ServiceError } from './service-error.ts';

export type { PairingCodeRecord };

export interface PairingCodesOptions {
  readonly repository: PairingCodeRepository;
  readonly devices: DeviceRepository;
  readonly clock: Clock;
  readonly newId: () => string;
}

export interface PairingCodeRequest {
  readonly name?: string | undefined;
  readonly expiresInMinutes: number;
  readonly deviceId?: string | undefined;
}

/** On whose behalf a code is made. */
export interface PairingCodeOwner {
  /** Which devices may be paired anew. */
  readonly scope: Scope;
  /** Whose a new device will be. */
  readonly organizationId: string;
  /** `null` when no user asked for it. */
  readonly userId: string | null;
}

/** Short-lived secrets that turn a phone into a device. */
export class PairingCodes {
  readonly #options: PairingCodesOptions;

  constructor(options: PairingCodesOptions) {
    this.#options = options;
  }

  list(scope: Scope, query: PageQuery): Promise<Page<PairingCodeRecord>> {
    return this.#options.repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<PairingCodeRecord> {
    const record = await this.#options.repository.byId(scope, id);
    if (!record) throw notFound();
    return record;
  }

  /** @throws {ServiceError} `no_relay`, `validation_failed` (no such device) */
  async create(owner: PairingCodeOwner, request: PairingCodeRequest): Promise<CreatedPairingCode> {
    const { repository, clock, newId } = this.#options;
    const { organizationId, relay } = await this.#target(owner, request.deviceId);
    const now = clock.now();
    const row = {
      id: newId(),
      organizationId,
      relayId: relay.id,
      name: request.name ?? null,
      deviceId: request.deviceId ?? null,
      expiresAt: new Date(now + request.expiresInMinutes * 60_000),
      createdBy: owner.userId,
      createdAt: new Date(now),
    };
    const code = newCode();
    await repository.create({ ...row, codeHash: hashOf(code) });
    return {
      id: row.id,
      code,
      pairingUrl: formatPairingUrl({
        host: relay.publicHost,
        port: relay.tunnelPort,
        code,
        caFingerprint: relay.caFingerprint,
      }),
      expiresAt: row.expiresAt.toISOString(),
    };
  }

  /** Takes a code back. @throws {ServiceError} `not_found`, `pairing_code_used` */
  async delete(scope: Scope, id: string): Promise<void> {
    if (await this.#options.repository.deleteUnused(scope, id)) return;
    await this.get(scope, id);
    throw new ServiceError(
      'pairing_code_used',
      'A device was paired with this code; delete the device instead',
    );
  }

  async #target(
    owner: PairingCodeOwner,
    deviceId: string | undefined,
  ): Promise<{ organizationId: string; relay: RelayAddress }> {
    const { repository, devices, clock } = this.#options;
    const device = deviceId === undefined ? null : await devices.byId(owner.scope, deviceId);
    if (deviceId !== undefined && !device) {
      const fields = [{ field: 'body.deviceId', message: 'There is no such device' }];
      throw new ServiceError('validation_failed', 'There is no such device', { fields });
    }
    const relay = device
      ? await repository.relayOfDevice(device.id)
      : await repository.relayForNewDevice(new Date(clock.now() - RELAY_FRESH_MS));
    if (!relay) throw new ServiceError('no_relay', 'No relay is running that a phone could be paired with');
    return { organizationId: device?.organizationId ?? owner.organizationId, relay };
  }
}

/** 80 random bits in four groups that can be typed. */
function newCode(): string {
  return randomText(16)
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, '$1-');
}

/** As the relay's pairing endpoint computes it. The code is random and lives for minutes: a plain hash will do. */
function hashOf(code: string): string {
  return createHash('sha256').update(normalizePairingCode(code)).digest('hex');
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such pairing code');
}
