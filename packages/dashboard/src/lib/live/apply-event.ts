import type { ConnectionView, DeviceView, LiveEvent } from '@pocketproxy/protocol/api';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Page } from '../api/routes.ts';
import { auditRecorded } from './audit-recorded.ts';
import { READ_AGAIN } from './read-again.ts';
import type { Throttle } from './throttle.ts';

export interface EventTarget {
  readonly client: QueryClient;
  /** For what an event makes old without saying what is new, such as sums. */
  readonly throttle: Throttle;
}

type EventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>;

/** Brings what was read up to date with what has happened. */
export function applyEvent(target: EventTarget, event: LiveEvent): void {
  switch (event.type) {
    case 'device.status':
      deviceChanged(target, event.data);
      // A phone that comes may have been waited for with a pairing code.
      outdate(target, ['pairing-codes']);
      return;
    case 'device.telemetry':
      deviceChanged(target, event.data);
      return;
    case 'device.deleted':
      deviceDeleted(target, event.data.id);
      return;
    case 'rotation.updated':
      rotationUpdated(target, event.data);
      return;
    case 'command.updated':
      target.client.setQueryData(['commands', event.data.id], event.data);
      putFirst(target.client, ['devices', event.data.deviceId, 'commands'], event.data);
      return;
    case 'connection.usage':
      connectionUsed(target, event.data);
      return;
    case 'connection.deleted':
      connectionDeleted(target, event.data.id);
      return;
    case 'notification.delivery': {
      const { channelId, ...delivery } = event.data;
      putFirst(target.client, ['notification-channels', channelId, 'deliveries'], delivery);
      return;
    }
    case 'audit.recorded':
      auditRecorded(target.client, event.data);
      return;
    case 'live.ready':
      return;
    default:
      // A newer server may tell of what this page does not know yet.
      for (const key of READ_AGAIN[event.type] ?? []) outdate(target, key);
  }
}

function deviceChanged({ client, throttle }: EventTarget, device: DeviceView): void {
  const key = ['devices', device.id];
  const before =
    client.getQueryData<DeviceView>(key) ??
    client.getQueryData<DeviceView[]>(['devices'])?.find(({ id }) => id === device.id);
  client.setQueryData<DeviceView>(key, (cached) => (cached ? device : undefined));
  client.setQueryData<DeviceView[]>(['devices'], (list) => list && withItem(list, device));
  if (before?.status !== device.status) {
    outdate({ client, throttle }, ['overview']);
    outdate({ client, throttle }, [...key, 'uptime']);
  }
  if (before && before.exitIp !== device.exitIp) outdate({ client, throttle }, [...key, 'ip-history']);
  outdate({ client, throttle }, [...key, 'metrics']);
}

function deviceDeleted(target: EventTarget, id: string): void {
  const { client } = target;
  client.setQueryData<DeviceView[]>(['devices'], (list) => list?.filter((device) => device.id !== id));
  for (const key of [['devices', id], ['connections'], ['rotation-links'], ['overview']])
    outdate(target, key);
}

function rotationUpdated(target: EventTarget, rotation: EventOf<'rotation.updated'>['data']): void {
  const { client } = target;
  client.setQueryData(['rotations', rotation.id], rotation);
  putFirst(client, ['devices', rotation.deviceId, 'rotations'], rotation);
  // They tell when they were last used.
  if (rotation.trigger === 'link') outdate(target, ['rotation-links']);
  client.setQueryData<Page<typeof rotation>>(['rotations', 'active'], (page) => {
    const others = page?.items.filter(({ id }) => id !== rotation.id) ?? [];
    return page && { ...page, items: rotation.finishedAt === null ? [...others, rotation] : others };
  });
  if (rotation.finishedAt === null) return;
  outdate(target, ['devices', rotation.deviceId, 'ip-history']);
  outdate(target, ['overview']);
}

function connectionUsed(target: EventTarget, usage: EventOf<'connection.usage'>['data']): void {
  const { client } = target;
  const key = ['connections', usage.id];
  const list = client.getQueryData<ConnectionView[]>(['connections']);
  const at = list?.findIndex(({ id }) => id === usage.id) ?? -1;
  const row = list?.[at];
  const cached = client.getQueryData<ConnectionView>(key);
  // The version stays that of what was read: a form that is sent with the new one would overwrite what it never showed.
  const patch = (old: ConnectionView): ConnectionView => ({ ...old, ...usage, version: old.version });
  // Somebody has changed more than the event tells.
  if (cached && cached.version !== usage.version) outdate(target, key);
  if (list && row?.version !== usage.version) outdate(target, ['connections'], true);
  client.setQueryData<ConnectionView>(key, (old) => old && patch(old));
  if (list && row) client.setQueryData<ConnectionView[]>(['connections'], list.with(at, patch(row)));
  outdate(target, [...key, 'bandwidth']);
  outdate(target, ['devices', usage.deviceId, 'bandwidth']);
  outdate(target, ['device-totals']);
  outdate(target, ['overview']);
}

function connectionDeleted(target: EventTarget, id: string): void {
  target.client.setQueryData<ConnectionView[]>(['connections'], (list) =>
    list?.filter((connection) => connection.id !== id),
  );
  outdate(target, ['connections', id]);
  outdate(target, ['device-totals']);
  outdate(target, ['overview']);
}

/** Has queries read again: those that are on the screen soon, others when they are needed. */
function outdate({ client, throttle }: EventTarget, queryKey: QueryKey, exact = false): void {
  throttle.run(JSON.stringify([queryKey, exact]), () => void client.invalidateQueries({ queryKey, exact }));
}

/** The newest first, as those lists are answered. */
function putFirst<T extends { readonly id: string }>(client: QueryClient, queryKey: QueryKey, item: T): void {
  client.setQueryData<Page<T>>(queryKey, (page) => {
    if (!page) return page;
    const known = page.items.some(({ id }) => id === item.id);
    return { ...page, items: known ? withItem(page.items, item) : [item, ...page.items] };
  });
}

function withItem<T extends { readonly id: string }>(list: readonly T[], item: T): T[] {
  const at = list.findIndex(({ id }) => id === item.id);
  return at === -1 ? [...list, item] : list.with(at, item);
}
