/** What the dashboard and customers' scripts ask for. */

/** Things to ask about, chosen anew for each call. */
export interface Subjects {
  readonly devices: readonly string[];
  readonly connections: readonly string[];
  readonly channels: readonly string[];
}

export interface ApiCall {
  readonly id: string;
  readonly title: string;
  /** Below `/api/v1`. */
  path(subjects: Subjects): string;
}

const DAY_MS = 86_400_000;

function any(ids: readonly string[]): string {
  return ids[Math.floor(Math.random() * ids.length)]!;
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

function call(id: string, title: string, path: (subjects: Subjects) => string): ApiCall {
  return { id, title, path };
}

/** Every list, detail, chart and overview. */
export const API_CALLS: readonly ApiCall[] = [
  call('devices-100', 'devices, page of 100', ({ devices }) => `/devices?limit=100&cursor=${any(devices)}`),
  call('devices-500', 'devices, page of 500', ({ devices }) => `/devices?limit=500&cursor=${devices[10]}`),
  call('device', 'one device', ({ devices }) => `/devices/${any(devices)}`),
  call('connections-100', 'connections, page of 100', (of) => `/connections?cursor=${any(of.connections)}`),
  call(
    'connections-of-device',
    'connections of a device',
    (of) => `/connections?deviceId=${any(of.devices)}`,
  ),
  call('connection', 'one connection', ({ connections }) => `/connections/${any(connections)}`),
  ...(['connections', 'devices'] as const).flatMap((kind) =>
    (['hour', 'day', 'month'] as const).map((unit) =>
      call(
        `${kind}-bandwidth-${unit}`,
        `bandwidth of a ${kind.slice(0, -1)}, ${{ hour: '48 hours', day: '31 days', month: '12 months' }[unit]}`,
        (of) => `/${kind}/${any(of[kind])}/bandwidth?granularity=${unit}`,
      ),
    ),
  ),
  call('samples', 'samples of a device, 24 hours', (of) => `/devices/${any(of.devices)}/metrics`),
  call('uptime', 'uptime of a device, 7 days', (of) => `/devices/${any(of.devices)}/uptime`),
  call('ip-history', 'addresses of a device', (of) => `/devices/${any(of.devices)}/ip-history`),
  call('rotations', 'rotations of a device, page of 100', (of) => `/devices/${any(of.devices)}/rotations`),
  call('commands', 'commands of a device, page of 100', (of) => `/devices/${any(of.devices)}/commands`),
  call('overview', 'overview', () => '/stats/overview'),
  call('audit-log', 'audit log, page of 100', () => '/audit-log'),
  call('audit-of-target', 'audit log of one connection', (of) => {
    return `/audit-log?targetType=connection&targetId=${any(of.connections)}`;
  }),
  call(
    'audit-of-actor',
    'audit log of one person',
    () => `/audit-log?actor=user-${Math.floor(Math.random() * 40)}`,
  ),
  call('audit-of-nobody', 'audit log of a person without entries', () => '/audit-log?actor=nobody'),
  call('audit-of-action', 'audit log of a rare action', () => '/audit-log?action=device.delete'),
  call('audit-of-time', 'audit log of a day half a year ago', () => {
    return `/audit-log?from=${daysAgo(180)}&to=${daysAgo(179)}`;
  }),
  call('deliveries', 'deliveries of a channel, page of 100', ({ channels }) => {
    return `/notification-channels/${any(channels)}/deliveries`;
  }),
  call('rotation-links', 'rotation links, page of 100', () => '/rotation-links'),
  call(
    'rotation-links-of-device',
    'rotation links of a device',
    (of) => `/rotation-links?deviceId=${any(of.devices)}`,
  ),
];
