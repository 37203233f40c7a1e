import type { Clock, Logger } from '@pocketproxy/runtime';
import { auditEntryView } from './api/audit-routes.ts';
import { deliveryView } from './api/notification-views.ts';
import { commandView, connectionView, deviceView, rotationView } from './api/views.ts';
import { CommandRepository } from './db/command-repository.ts';
import { ConnectionRepository } from './db/connection-repository.ts';
import type { Db } from './db/database.ts';
import { DeviceRepository } from './db/device-repository.ts';
import { NotificationDeliveryRepository } from './db/notification-delivery-repository.ts';
import { RotationRepository } from './db/rotation-repository.ts';
import type { Bus } from './domain/bus.ts';
import { AuditLog } from './services/audit.ts';
import { LiveFeed } from './services/live-feed.ts';
import { liveTopics } from './services/live-topics.ts';

/** Composes what clients of the WebSocket hear. */
export function composeLive(db: Db, bus: Bus, clock: Clock, log: Logger): LiveFeed {
  const devices = new DeviceRepository(db);
  const connections = new ConnectionRepository(db);
  const rotations = new RotationRepository(db);
  const commands = new CommandRepository(db);
  const deliveries = new NotificationDeliveryRepository(db);
  const auditLog = new AuditLog(db, clock);
  const topics = liveTopics(
    {
      devices: (ids) => devices.byIds(ids),
      connections: (ids) => connections.byIds(ids),
      rotations: (ids) => rotations.byIds(ids),
      commands: (ids) => commands.byIds(ids),
      deliveries: (ids) => deliveries.byIds(ids),
      auditEntries: (ids) => auditLog.byIds(ids),
    },
    {
      device: (row) => deviceView(row, clock.now()),
      usage: (row) => {
        const view = connectionView(row, clock.now());
        const { id, deviceId, status, usedBytes, usedSince, quotaBytes, openFlows, version } = view;
        return { id, deviceId, status, usedBytes, usedSince, quotaBytes, openFlows, version };
      },
      rotation: rotationView,
      command: commandView,
      delivery: (row) => ({ ...deliveryView(row), channelId: row.channelId }),
      auditEntry: auditEntryView,
    },
  );
  return new LiveFeed({ bus, topics, clock, log });
}
