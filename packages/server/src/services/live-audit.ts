import type { LiveEvent } from '@pocketproxy/protocol/api';
import type { AuditRecord } from './audit.ts';
import type { LiveNews } from './live-feed.ts';
import type { Permission } from './permissions.ts';

interface Told {
  readonly type: LiveEvent['type'];
  readonly permission: Permission;
}

/**
 * What the audit log knows of all changes to, whoever makes them and on whichever process. Devices, connections and
 * the like have bus events of their own, because they change without anybody having asked.
 */
const TOLD: Readonly<Record<string, Told>> = {
  user: { type: 'user.changed', permission: 'users:read' },
  invitation: { type: 'invitation.changed', permission: 'users:read' },
  organization: { type: 'organization.changed', permission: 'organizations:read' },
  api_key: { type: 'api_key.changed', permission: 'api-keys:read' },
  pairing_code: { type: 'pairing_code.changed', permission: 'pairing:read' },
  rotation_link: { type: 'rotation_link.changed', permission: 'rotation-links:read' },
  notification_channel: { type: 'notification_channel.changed', permission: 'notifications:read' },
};

/** Of entries of the audit log: each of them, and once each thing that they say was changed. */
export function auditNews(entries: readonly AuditRecord[], view: (row: AuditRecord) => object): LiveNews[] {
  const changes = new Map<string, LiveNews>();
  for (const entry of entries) {
    const change = changeOf(entry);
    if (change) changes.set(`${entry.targetType} ${entry.targetId}`, change);
  }
  const recorded = entries.map(
    (entry): LiveNews => ({
      ...{ type: 'audit.recorded', permission: 'audit:read' },
      ...{ organizationId: entry.organizationId, data: view(entry) },
    }),
  );
  return [...changes.values(), ...recorded];
}

function changeOf(entry: AuditRecord): LiveNews | null {
  const { targetType, targetId: id, organizationId } = entry;
  const told = TOLD[targetType];
  if (!told || id === null) return null;
  const news = { ...told, organizationId, data: { id } };
  return targetType === 'api_key' ? { ...news, ownerId: ownerOf(entry) } : news;
}

/** Whose key was made or deleted; without an owner nobody but administrators is told. */
function ownerOf({ before, after }: AuditRecord): string {
  return String((after ?? before)?.userId ?? '');
}
