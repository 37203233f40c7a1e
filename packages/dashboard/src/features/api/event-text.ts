import type { LiveEvent } from '@pocketproxy/protocol/api';
import { formatBytes } from '#lib/format.ts';

/** An event in a few words, for somebody who watches them go by. */
export function eventText(event: LiveEvent): string {
  switch (event.type) {
    case 'live.ready':
      return event.data.resumed ? 'Went on where it was' : 'Began';
    case 'device.status':
      return `${event.data.name} is ${event.data.status}`;
    case 'device.telemetry':
      return `${event.data.name} reported`;
    case 'rotation.updated':
      return `${event.data.status}: ${event.data.oldIp ?? '–'} → ${event.data.newIp ?? '–'}`;
    case 'command.updated':
      return `${event.data.type} is ${event.data.cancelled ? 'cancelled' : event.data.status}`;
    case 'connection.usage':
      return `${formatBytes(event.data.usedBytes)} used, ${event.data.status.replace('_', ' ')}`;
    case 'notification.delivery':
      return `${event.data.event}: ${event.data.status}`;
    case 'audit.recorded':
      return `${event.data.action} by ${event.data.actor.name}`;
    default:
      return event.data.id;
  }
}
