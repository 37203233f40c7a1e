import { randomUUIDv7 } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { StatsOverview } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Api } from './api/api.ts';
import { createApi } from './api/app.ts';
import type { ReadinessChecks } from './api/health-routes.ts';
import { composeAccess } from './compose-access.ts';
import { composeDeviceWork, type DeviceWork } from './compose-device-work.ts';
import { composeLive } from './compose-live.ts';
import {
  composeNotifications,
  type NotificationDependencies,
  type Notifications,
} from './compose-notifications.ts';
import { type Config, urlOfAddress } from './config.ts';
import { ConnectionRepository } from './db/connection-repository.ts';
import type { Database } from './db/database.ts';
import { DeviceRepository } from './db/device-repository.ts';
import { IdempotencyRepository } from './db/idempotency-repository.ts';
import { MetricsRepository } from './db/metrics-repository.ts';
import { PairingCodeRepository } from './db/pairing-code-repository.ts';
import { RelayStatusRepository } from './db/relay-status-repository.ts';
import { RetentionRepository } from './db/retention-repository.ts';
import { EVERY_ORGANIZATION } from './db/scope.ts';
import { StatsRepository } from './db/stats-repository.ts';
import { UsageRepository } from './db/usage-repository.ts';
import type { Bus } from './domain/bus.ts';
import type { ServerMetrics, StoredNumbers } from './metrics/server-metrics.ts';
import { AppliedWaiter } from './services/applied-waiter.ts';
import { Bandwidth } from './services/bandwidth.ts';
import { Connections } from './services/connections.ts';
import type { ProxyCredentials } from './services/credentials.ts';
import { DeviceSamples } from './services/device-samples.ts';
import { Devices } from './services/devices.ts';
import { Idempotency } from './services/idempotency.ts';
import { OvpnFiles } from './services/ovpn-files.ts';
import { PairingCodes } from './services/pairing-codes.ts';
import type { PasswordHash } from './services/password-hash.ts';
import { startQuotaPeriods } from './services/quota-periods.ts';
import { startRetention } from './services/retention.ts';
import type { ServerKey } from './services/server-key.ts';
import { ServerStatus } from './services/server-status.ts';
import { Stats } from './services/stats.ts';
import { TlsCryptKeys } from './services/tls-crypt-keys.ts';
import { SERVER_VERSION } from './version.ts';

/** Where `npm run build` puts the dashboard. */
const DASHBOARD = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

export interface ControlDependencies {
  readonly config: Pick<Config, 'httpListen' | 'publicHost'> &
    NotificationDependencies['config'] & {
      /** Another one than that of this repository. */
      readonly dashboardFolder?: string;
    };
  readonly log: Logger;
  readonly clock: Clock;
  readonly database: Database;
  readonly bus: Bus;
  readonly serverKey: ServerKey;
  readonly loginHash: PasswordHash;
  readonly credentials: ProxyCredentials;
  readonly metrics: ServerMetrics;
  /** What else must work for this process to be ready. */
  readonly checks: ReadinessChecks;
}

export interface RunningControl {
  /** Where the API answers, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Use cases that other parts of the program call without going through HTTP. */
export interface ControlServices {
  readonly app: Api;
  readonly connections: Connections;
  readonly devices: Devices;
  readonly pairingCodes: PairingCodes;
  readonly work: DeviceWork;
  readonly notifications: Notifications;
}

/** Composes the control role without listening. */
export async function createControl(deps: ControlDependencies): Promise<ControlServices> {
  const { config, log, clock, database, bus, serverKey, credentials } = deps;
  const { db } = database;
  const newId = randomUUIDv7;
  const deviceRepository = new DeviceRepository(db);
  const devices = new Devices({ repository: deviceRepository, clock, random: Math.random });
  const work = composeDeviceWork({ db, bus, clock, log, newId, devices, serverKey });
  const services = {
    connections: new Connections({
      ...{ credentials, clock, newId, log },
      repository: new ConnectionRepository(db),
      waiter: new AppliedWaiter(bus, clock),
    }),
    devices,
    pairingCodes: new PairingCodes({
      ...{ clock, newId, devices: deviceRepository },
      repository: new PairingCodeRepository(db),
    }),
  };
  const notifications = composeNotifications({ config, db, bus, clock, log, newId, serverKey });
  const { channels, uptime, invitationMailer: mailer } = notifications;
  const liveFeed = composeLive(db, bus, clock, log);
  const stats = new Stats(new StatsRepository(db), clock);
  deps.metrics.watchDatabase(async () => storedNumbers(await stats.overview(EVERY_ORGANIZATION)));
  const { signIns, ...access } = composeAccess({ ...deps, newId, publicUrl: config.publicUrl, mailer });
  const app = await createApi({
    ...services,
    ...work,
    ...{ log, clock, liveFeed, publicUrl: config.publicUrl, channels, uptime },
    ...access,
    ...{ stats, metrics: deps.metrics, dashboardFolder: config.dashboardFolder ?? DASHBOARD },
    serverStatus: new ServerStatus({
      ...{ repository: new RelayStatusRepository(db), clock, version: SERVER_VERSION },
      ...{ publicUrl: config.publicUrl, hasMail: config.smtpUrl !== null },
    }),
    bandwidth: new Bandwidth(new UsageRepository(db), clock),
    ovpnFiles: new OvpnFiles(new TlsCryptKeys(serverKey.derive('openvpn'))),
    samples: new DeviceSamples(new MetricsRepository(db), clock),
    idempotency: new Idempotency(new IdempotencyRepository(db), serverKey.derive('idempotency')),
    checks: { database: async () => void (await database.ping()), ...deps.checks },
  });
  app.addHook('onClose', async () => liveFeed.stop());
  app.addHook('onClose', () => signIns.stop());
  return { ...services, app, work, notifications };
}

function storedNumbers({ devices, connections }: StatsOverview): StoredNumbers {
  const { online, reconnecting, offline } = devices;
  const { total, enabled } = connections;
  return {
    devices: { online, reconnecting, offline },
    connections: { enabled, disabled: total - enabled },
  };
}

/**
 * Starts the control role.
 * @throws the system's error when the port cannot be opened
 */
export async function startControl(deps: ControlDependencies): Promise<RunningControl & ControlServices> {
  const { config, clock, log, database } = deps;
  const control = await createControl(deps);
  await control.app.listen({ ...config.httpListen, listenTextResolver: () => 'API is up' });
  const stopPeriods = startQuotaPeriods({ repository: new ConnectionRepository(database.db), clock, log });
  const stopRetention = startRetention({ repository: new RetentionRepository(database.db), clock, log });
  const stopWork = control.work.start();
  const stopNotifications = control.notifications.start();
  const { port } = control.app.server.address() as AddressInfo;
  return {
    ...control,
    url: urlOfAddress({ ...config.httpListen, port }, config.publicHost),
    stop: async () => {
      stopWork();
      await stopNotifications();
      stopPeriods();
      stopRetention();
      await control.app.close();
    },
  };
}
