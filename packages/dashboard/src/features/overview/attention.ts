import type { ConnectionView, DeviceView, RelayStatusView, StatsOverview } from '@pocketproxy/protocol/api';
import type { LinkProps } from '@tanstack/react-router';
import type { Tone } from '#components/status.tsx';
import { plural } from '#lib/format.ts';

/** Something that somebody should look at. */
export interface Concern {
  readonly id: string;
  readonly tone: Tone;
  /** The state in a word, such as `Offline`. */
  readonly word: string;
  readonly text: string;
  /** More about it, such as the step that mends it. */
  readonly detail?: string;
  /** When it began or will be. */
  readonly at?: string | null;
  readonly link: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

/** What is looked at. What is not known, or not for this reader, is left out. */
export interface Watched {
  readonly devices: readonly DeviceView[];
  readonly connections: readonly ConnectionView[];
  readonly relays: readonly RelayStatusView[];
  readonly rotations: StatsOverview['rotations'] | undefined;
}

const LOW_BATTERY_PERCENT = 15;
const EXPIRES_SOON_MS = 3 * 86_400_000;
/** Of one kind; what is beyond it becomes one line, so that a failure of the network is no wall of text. */
const SHOWN_OF_KIND = 5;
/** Fewer rotations than these say nothing about the network. */
const ROTATIONS_THAT_COUNT = 4;

/** What needs attention, the worst first. */
export function concernsOf({ devices, connections, relays, rotations }: Watched, now: number): Concern[] {
  return [
    ...relays.flatMap(relayConcerns),
    ...summed(offlineOf(devices), (count) => ({
      ...{ id: 'more-offline', tone: 'bad', word: 'Offline' },
      ...{ text: `${plural(count, 'more phone')}`, link: { to: '/devices', search: { status: 'offline' } } },
    })),
    ...summed(
      connections.filter(({ enabled }) => enabled).flatMap((connection) => ended(connection, now)),
      (count) => ({
        ...{ id: 'more-ended', tone: 'bad', word: 'Stopped' },
        ...{
          text: `${plural(count, 'more connection')}`,
          link: { to: '/connections', search: { status: 'quota_exceeded,expired' } },
        },
      }),
    ),
    ...rotationConcerns(rotations),
    ...summed(devices.flatMap(phoneConcerns), (count) => ({
      ...{ id: 'more-phones', tone: 'busy', word: 'Incomplete' },
      ...{ text: `${plural(count, 'more phone')}`, link: { to: '/devices' } },
    })),
  ];
}

function relayConcerns({ id, alive, heartbeatAt, publicHost, openVpn }: RelayStatusView): Concern[] {
  const link = { to: '/settings/server' } as const;
  if (!alive) {
    const text = `The relay on ${publicHost} gives no sign of life`;
    return [{ ...{ id: `relay-${id}`, tone: 'bad', word: 'Dead', text, link }, at: heartbeatAt }];
  }
  // Whoever turned it off knows.
  if (openVpn.state === 'on' || openVpn.reason?.startsWith('by POCKETPROXY_VPN_LISTEN')) return [];
  const text = 'OpenVPN takes no clients';
  return [
    { id: `vpn-${id}`, tone: 'busy', word: 'Off', text, detail: openVpn.reason ?? 'Settings say why', link },
  ];
}

/** Those that went last come first: they are the news. */
function offlineOf(devices: readonly DeviceView[]): Concern[] {
  return devices
    .filter(({ status }) => status === 'offline')
    .toSorted((a, b) => (b.lastSeenAt ?? '').localeCompare(a.lastSeenAt ?? ''))
    .map(({ id, name, lastSeenAt }) => ({
      ...{ id: `offline-${id}`, tone: 'bad', word: 'Offline', text: name, at: lastSeenAt },
      link: { to: '/devices/$id', params: { id } },
    }));
}

function phoneConcerns(device: DeviceView): Concern[] {
  const { id, name, status, batteryPercent, batteryCharging, missingCapabilities } = device;
  if (status === 'offline') return [];
  const link = { to: '/devices/$id', params: { id } } as const;
  if (batteryPercent !== null && batteryPercent < LOW_BATTERY_PERCENT && batteryCharging === false) {
    const detail = `${batteryPercent} %, not charging`;
    return [{ id: `battery-${id}`, tone: 'busy', word: 'Battery low', text: name, detail, link }];
  }
  // What else a phone cannot do stands on its page: only this keeps a customer waiting.
  const missing = missingCapabilities.find(({ name: order }) => order === 'rotate_ip');
  if (!missing) return [];
  return [{ id: `missing-${id}`, tone: 'busy', word: 'No rotation', text: name, detail: missing.fix, link }];
}

function ended({ id, name, status, expiresAt }: ConnectionView, now: number): Concern[] {
  const link = { to: '/connections/$id', params: { id } } as const;
  if (status === 'quota_exceeded')
    return [{ id: `quota-${id}`, tone: 'bad', word: 'Quota spent', text: name, link }];
  if (status === 'expired')
    return [{ id: `expired-${id}`, tone: 'bad', word: 'Expired', text: name, at: expiresAt, link }];
  const soon = expiresAt !== null && Date.parse(expiresAt) - now < EXPIRES_SOON_MS;
  return soon
    ? [{ id: `expires-${id}`, tone: 'busy', word: 'Expires', text: name, at: expiresAt, link }]
    : [];
}

function rotationConcerns(rotations: Watched['rotations']): Concern[] {
  const { rate, total } = successOf(rotations);
  if (rate === null || total < ROTATIONS_THAT_COUNT || rate >= 0.5) return [];
  const text = `${total - Math.round(rate * total)} of ${total} rotations today brought no new address`;
  return [{ id: 'rotations', tone: 'busy', word: 'Failing', text, link: { to: '/devices' } }];
}

/** How many rotations ended, and what part of them brought a new address; `null` when none has ended. */
export function successOf(rotations: Watched['rotations']): { readonly rate: number | null; total: number } {
  if (!rotations) return { rate: null, total: 0 };
  const total = rotations.succeeded + rotations.unchanged + rotations.failed;
  return { total, rate: total === 0 ? null : rotations.succeeded / total };
}

function summed(concerns: readonly Concern[], rest: (count: number) => Concern): Concern[] {
  if (concerns.length <= SHOWN_OF_KIND) return [...concerns];
  return [...concerns.slice(0, SHOWN_OF_KIND), rest(concerns.length - SHOWN_OF_KIND)];
}

/** From this part of a quota on it is close to its end; people are notified from here on, too. */
const QUOTA_CLOSE = 0.8;

/** Connections whose quota is close to its end or spent, the fullest first. */
export function closeQuotas(connections: readonly ConnectionView[]): ConnectionView[] {
  return connections
    .filter(({ enabled, quotaBytes, usedBytes }) => enabled && partOf(usedBytes, quotaBytes) >= QUOTA_CLOSE)
    .toSorted((a, b) => partOf(b.usedBytes, b.quotaBytes) - partOf(a.usedBytes, a.quotaBytes));
}

/** What part of a quota is used; 0 without one. */
export function partOf(usedBytes: number, quotaBytes: number | null): number {
  return quotaBytes === null ? 0 : usedBytes / quotaBytes;
}
