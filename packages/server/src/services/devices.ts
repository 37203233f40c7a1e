import type { PageQuery, UpdateDeviceBody } from '@pocketproxy/protocol/api';
import type { DeviceChanges, DeviceRecord, DeviceRepository } from '../db/device-repository.ts';
import type { Page, Scope } from '../db/scope.ts';
import { ServiceError } from './service-error.ts';

export type { DeviceRecord };

/** Phones and modems, as their operators administer them. */
export class Devices {
  readonly #repository: DeviceRepository;

  constructor(repository: DeviceRepository) {
    this.#repository = repository;
  }

  list(scope: Scope, query: PageQuery): Promise<Page<DeviceRecord>> {
    return this.#repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<DeviceRecord> {
    const record = await this.#repository.byId(scope, id);
    if (!record) throw notFound();
    return record;
  }

  /** @throws {ServiceError} `not_found` */
  async update(scope: Scope, id: string, body: UpdateDeviceBody): Promise<DeviceRecord> {
    const changes = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    if (!(await this.#repository.update(scope, id, changes as DeviceChanges))) throw notFound();
    return await this.get(scope, id);
  }

  /** Ends the device's sessions and its connections for good. @throws {ServiceError} `not_found` */
  async delete(scope: Scope, id: string): Promise<void> {
    if (!(await this.#repository.delete(scope, id))) throw notFound();
  }
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such device');
}
