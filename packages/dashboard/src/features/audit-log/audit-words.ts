import type { AuditEntryView } from '@pocketproxy/protocol/api';

/** Kinds of things that are changed, and what they are called. */
export const TARGETS: Readonly<Record<string, string>> = {
  device: 'Device',
  connection: 'Connection',
  rotation_link: 'Rotation link',
  pairing_code: 'Pairing code',
  notification_channel: 'Channel',
  user: 'Person',
  invitation: 'Invitation',
  organization: 'Customer',
  api_key: 'API key',
};

/** `connection.reset_usage` as people say it: `Connection: reset usage`. */
export function actionText(action: string): string {
  const [target = '', deed = ''] = action.split('.');
  return `${targetText(target)}: ${deed.replaceAll('_', ' ')}`;
}

/** What a kind of thing is called; one that is new here as the server calls it. */
export function targetText(targetType: string): string {
  return TARGETS[targetType] ?? sentence(targetType.replaceAll('_', ' '));
}

/** What a changed thing is called, as far as the change tells. */
export function targetName({ before, after }: AuditEntryView): string | null {
  for (const side of [after, before]) {
    for (const name of ['name', 'email', 'username']) {
      const value = side?.[name];
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return null;
}

/** One member that changed; `undefined` where a side does not have it. */
export interface Difference {
  readonly member: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What changed, member by member. */
export function differencesOf({ before, after }: Pick<AuditEntryView, 'before' | 'after'>): Difference[] {
  const members = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return members.map((member) => ({
    member,
    before: before && member in before ? valueText(before[member]) : undefined,
    after: after && member in after ? valueText(after[member]) : undefined,
  }));
}

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
