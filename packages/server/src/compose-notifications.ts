import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';
import { DeviceStatusRepository } from './db/device-status-repository.ts';
import { NotificationChannelRepository } from './db/notification-channel-repository.ts';
import { NotificationDeliveryRepository } from './db/notification-delivery-repository.ts';
import type { Bus } from './domain/bus.ts';
import { DeviceMonitor } from './services/device-monitor.ts';
import type { InvitationMailer } from './services/invitations.ts';
import { ChannelSecrets } from './services/notifications/channel-secrets.ts';
import { NotificationChannels } from './services/notifications/channels.ts';
import { addressCheck, nameResolution } from './services/notifications/checked-lookup.ts';
import { DeliveryWorker } from './services/notifications/delivery-worker.ts';
import { InvitationMail } from './services/notifications/invitation-mail.ts';
import { MailSender } from './services/notifications/mail-sender.ts';
import { Mailer } from './services/notifications/mailer.ts';
import { WebhookSender } from './services/notifications/webhook-sender.ts';
import type { ServerKey } from './services/server-key.ts';
import { Uptime } from './services/uptime.ts';
import { SERVER_VERSION } from './version.ts';

export interface NotificationDependencies {
  readonly config: Pick<Config, 'publicUrl' | 'smtpUrl' | 'mailFrom' | 'webhookAllowPrivate'>;
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  readonly serverKey: ServerKey;
}

/** Who is told of what. */
export interface Notifications {
  readonly channels: NotificationChannels;
  readonly uptime: Uptime;
  /** `null` when e-mail is off. */
  readonly invitationMailer: InvitationMailer | null;
  /** Begins to watch devices and to send messages. Answers a function that stops both. */
  start(): () => Promise<void>;
}

/** Composes the log of devices' statuses, channels, and what sends messages to them. */
export function composeNotifications(deps: NotificationDependencies): Notifications {
  const { config, db, bus, clock, log, newId, serverKey } = deps;
  const { publicUrl, smtpUrl, mailFrom } = config;
  const mailer = smtpUrl !== null && mailFrom !== null ? new Mailer({ smtpUrl, from: mailFrom }) : null;
  const check = addressCheck(config.webhookAllowPrivate);
  const userAgent = `PocketProxy/${SERVER_VERSION}`;
  const deliveries = new NotificationDeliveryRepository(db);
  const statuses = new DeviceStatusRepository(db);
  const channels = new NotificationChannels({
    ...{ deliveries, check, clock, newId, mailIsOn: mailer !== null },
    repository: new NotificationChannelRepository(db),
    secrets: new ChannelSecrets(serverKey.derive('webhook secret')),
    senders: {
      email: new MailSender(mailer, publicUrl),
      webhook: new WebhookSender({ clock, check, userAgent, resolve: nameResolution() }),
    },
  });
  return {
    channels,
    uptime: new Uptime(statuses, clock),
    invitationMailer: mailer && new InvitationMail({ mailer, clock, newId }),
    start: () => {
      const common = { bus, clock, log };
      const monitor = new DeviceMonitor({
        ...common,
        ...{ db, repository: statuses, serverVersion: SERVER_VERSION },
      });
      const worker = new DeliveryWorker({
        ...{ ...common, repository: deliveries, random: Math.random },
        deliver: (...message) => channels.deliver(...message),
      });
      monitor.start();
      worker.start();
      return async () => {
        await monitor.stop();
        await worker.stop();
      };
    },
  };
}
