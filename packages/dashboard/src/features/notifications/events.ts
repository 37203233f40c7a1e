import type { NotificationEvent } from '@pocketproxy/protocol/api';
import type { Option } from '#components/form/option-select.tsx';

/** What people can be told of, in their words. */
export const EVENTS: Readonly<Record<NotificationEvent, { readonly label: string; readonly hint: string }>> =
  {
    'device.offline': { label: 'A phone is offline', hint: 'Two minutes after its last sign of life' },
    'device.recovered': { label: 'A phone is back', hint: 'Only after it was told to be offline' },
    'device.paired': { label: 'A phone was paired', hint: 'A new one, or one with a new key' },
    'quota.warning': { label: 'A quota is close to its end', hint: 'At 80 %' },
    'quota.exhausted': { label: 'A quota is spent', hint: 'The connection stops' },
    'rotation.failing': { label: 'Rotation fails', hint: 'Several times in a row on one phone' },
    'agent.outdated': { label: 'An agent is outdated', hint: 'Older than this server' },
  };

/** For a field of boxes. */
export const EVENT_OPTIONS: readonly Option[] = Object.entries(EVENTS).map(([value, words]) => ({
  value,
  ...words,
}));

/** Of an event, or of a message that was sent for trying the channel. */
export function eventLabel(event: string): string {
  return event in EVENTS ? EVENTS[event as NotificationEvent].label : 'Test message';
}
