import type { LiveEvent } from '@pocketproxy/protocol/api';
import type { CommandRecord } from '../db/command-repository.ts';
import type { ConnectionRecord } from '../db/connection-repository.ts';
import type { DeviceRecord } from '../db/device-repository.ts';
import type { DeliveryRecord } from '../db/notification-delivery-repository.ts';
import type { RotationRecord } from '../db/rotation-repository.ts';
import type { AuditRecord } from './audit.ts';
import { auditNews } from './live-audit.ts';
import type { LiveNews, LiveTopics, LoadNews } from './live-feed.ts';
import type { Permission } from './permissions.ts';

/** Rows by id; those that are gone are left out. */
type Loader<T> = (ids: readonly string[]) => Promise<readonly T[]>;

export interface LiveSources {
  readonly devices: Loader<DeviceRecord>;
  readonly connections: Loader<ConnectionRecord>;
  readonly rotations: Loader<RotationRecord>;
  readonly commands: Loader<CommandRecord>;
  readonly deliveries: Loader<DeliveryRecord>;
  readonly auditEntries: Loader<AuditRecord>;
}

/** How rows are shown. */
export interface LiveViews {
  device(row: DeviceRecord): object;
  usage(row: ConnectionRecord): object;
  rotation(row: RotationRecord): object;
  command(row: CommandRecord): object;
  delivery(row: DeliveryRecord): object;
  auditEntry(row: AuditRecord): object;
}

/** What clients are told of each kind of bus event. */
export function liveTopics(sources: LiveSources, views: LiveViews): LiveTopics {
  const usage = news(sources.connections, 'connection.usage', 'connections:read', views.usage);
  return {
    'device.changed': withDeleted(
      news(sources.devices, 'device.status', 'devices:read', views.device),
      'device.deleted',
      'devices:read',
    ),
    'device.telemetry': news(sources.devices, 'device.telemetry', 'devices:read', views.device),
    'connection.usage': usage,
    'connection.changed': withDeleted(usage, 'connection.deleted', 'connections:read'),
    'rotation.changed': news(sources.rotations, 'rotation.updated', 'rotations:read', views.rotation),
    'command.changed': news(sources.commands, 'command.updated', 'commands:read', views.command),
    'notification.tried': news(
      sources.deliveries,
      'notification.delivery',
      'notifications:read',
      views.delivery,
    ),
    'audit.recorded': async (ids) => auditNews(await sources.auditEntries(ids), views.auditEntry),
  };
}

function news<T extends { readonly organizationId: string }>(
  load: Loader<T>,
  type: LiveEvent['type'],
  permission: Permission,
  view: (row: T) => object,
): LoadNews {
  return async (ids) =>
    (await load(ids)).map(
      (row): LiveNews => ({ type, permission, organizationId: row.organizationId, data: view(row) }),
    );
}

/** Whose a deleted thing was is not known any more, so that only staff is told. */
function withDeleted(
  load: LoadNews,
  type: 'device.deleted' | 'connection.deleted',
  permission: Permission,
): LoadNews {
  return async (ids) => {
    const found = await load(ids);
    const there = new Set(found.map(({ data }) => (data as { id: string }).id));
    const deleted = ids.filter((id) => !there.has(id));
    return [
      ...found,
      ...deleted.map(
        (id): LiveNews => ({
          ...{ type, permission },
          ...{ organizationId: null, data: { id } },
        }),
      ),
    ];
  };
}
