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
  session: 'Sign-in',
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

/** A change together with what the changed thing is called; `null` where nobody knows. */
export interface NamedEntry extends AuditEntryView {
  readonly targetName: string | null;
}

/** What a changed thing is called, as far as the change tells. */
export function nameIn({ before, after }: AuditEntryView): string | null {
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

/** Of what says nothing in a line: it stands elsewhere, or is for programs. */
const LEFT_OUT = /^(id|name|email|version|createdAt|updatedAt|.*Id)$/;

/** A change in one line. */
export function summaryOf({ before, after }: Pick<AuditEntryView, 'before' | 'after'>): string {
  const differences = differencesOf({ before, after });
  if (before !== null && after !== null) {
    return differences
      .map(({ member, before: old = 'none', after: now = 'none' }) => `${member}: ${old} → ${now}`)
      .join(', ');
  }
  return differences
    .filter(({ member }) => !LEFT_OUT.test(member))
    .map(({ member, ...sides }) => ({ member, value: sides.after ?? sides.before ?? 'none' }))
    .filter(({ value }) => value !== 'none' && value !== '')
    .map(({ member, value }) => `${member} ${value}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
