import { z } from 'zod';

/** What people can be told of. */
export const notificationEventSchema = z.enum([
  'device.offline',
  'device.recovered',
  'device.paired',
  'quota.warning',
  'quota.exhausted',
  'rotation.failing',
  'agent.outdated',
]);
export type NotificationEvent = z.infer<typeof notificationEventSchema>;
