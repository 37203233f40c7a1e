import { randomUUIDv7 } from 'node:crypto';
import { type Logger, RealClock } from '@pocketproxy/runtime';
import type { ReadinessChecks } from './api/health-routes.ts';
import type { Config } from './config.ts';
import type { ControlServices, RunningControl } from './control.ts';
import { PostgresBus } from './db/bus.ts';
import { PostgresCommandStore } from './db/command-store.ts';
import { PostgresConnectionStore } from './db/connection-store.ts';
import { type Database, type DatabaseAddress, openDatabase } from './db/database.ts';
import { PostgresDeviceStore } from './db/device-store.ts';
import { migrateDatabase } from './db/migrate.ts';
import { PostgresRelayStore } from './db/relay-store.ts';
import { PostgresRotationStore } from './db/rotation-store.ts';
import { PostgresUsageStore } from './db/usage-store.ts';
import { RELAY_FRESH_MS } from './domain/device-status.ts';
import { NotReady } from './domain/not-ready.ts';
import type { VpnStatus } from './domain/vpn.ts';
import type { Lifecycle } from './lifecycle.ts';
import { explainListen } from './listen-error.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { type RunningRelay, startRelay } from './relay.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { type Login, Users } from './services/users.ts';
import { SERVER_VERSION } from './version.ts';

/** What a relay of this process has too little of, for people. */
const SHORTAGES = {
  flows: 'as many are open as POCKETPROXY_MAX_FLOWS allows',
  memory: 'the relay needs as much memory as POCKETPROXY_MAX_MEMORY_MB allows',
  descriptors: 'customers have as many sockets as POCKETPROXY_MAX_FLOWS or the system (ulimit -n) allows',
} as const;

/**
 * Connections to the database for what happens once for each phone that comes or goes: thousands of statements at once when a crowd
 * comes back. In one pool with them, each of the statements of a login would wait for its turn among all of theirs.
 */
const CONNECTIONS_FOR_PHONES = 8;

/** Told of each long step as it begins. */
export type Progress = (step: string) => void;

/** What a process does for others, as it was when all of it had started. */
export interface RunningRoles {
  /** `null` in a process that is only a relay. */
  readonly control: (RunningControl & ControlServices) | null;
  readonly database: Database;
  readonly bus: PostgresBus;
  readonly secrets: Secrets;
  /** Whether its relay takes OpenVPN clients; `null` without a relay. */
  readonly vpn: VpnStatus | null;
  /** Set when this start made the first administrator. */
  readonly firstAdministrator: Login | null;
}

export interface RolesOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Of a database that answers. */
  readonly address: DatabaseAddress;
  /** Told how each part is stopped, as soon as it runs. */
  readonly lifecycle: Lifecycle;
  readonly progress: Progress;
}

/** What both roles need. */
interface Base {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: RealClock;
  readonly address: DatabaseAddress;
  /** For people and customers. */
  readonly database: Database;
  readonly bus: PostgresBus;
  readonly secrets: Secrets;
  readonly metrics: ServerMetrics;
  readonly lifecycle: Lifecycle;
}

/**
 * Composes and starts the roles of the settings: first the relay, whose customers wait for their ports, then control, whose
 * code is loaded only then.
 */
export async function startRoles(options: RolesOptions): Promise<RunningRoles> {
  const { config, progress } = options;
  const base = await startBase(options);
  const relay = config.role === 'control' ? null : await addRelay(base, progress);
  const control = config.role === 'relay' ? null : await addControl(base, relay, progress);
  if (relay !== null && control === null) await addRelayStatus(base, relay);
  return {
    ...base,
    control: control?.running ?? null,
    vpn: relay?.vpn.status ?? null,
    firstAdministrator: control?.firstAdministrator ?? null,
  };
}

async function startBase({ config, log, address, lifecycle }: RolesOptions): Promise<Base> {
  const clock = new RealClock();
  await migrateDatabase(address, log);
  const database = openDatabase({ address, log });
  lifecycle.onStop('database pool', () => database.close());
  const bus = new PostgresBus(address, log);
  lifecycle.onStop('bus', () => bus.stop());
  const [secrets] = await Promise.all([openSecrets(config, database.db, clock), bus.start()]);
  const metrics = new ServerMetrics(SERVER_VERSION);
  return { config, log, clock, address, database, bus, secrets, metrics, lifecycle };
}

async function addRelay(
  { config, log, clock, address, database, bus, secrets, metrics, lifecycle }: Base,
  progress: Progress,
) {
  const { db } = database;
  progress('Starting the relay');
  const phones = openDatabase({ address, log, maxConnections: CONNECTIONS_FOR_PHONES });
  lifecycle.onStop('database pool of phones', () => phones.close());
  const relay = await explainListen('POCKETPROXY_TUNNEL_LISTEN', config.tunnelListen, () =>
    startRelay({
      ...{ config, log, clock, bus, metrics },
      connections: (relayId) => new PostgresConnectionStore(db, relayId),
      devices: new PostgresDeviceStore(phones.db, randomUUIDv7),
      usage: new PostgresUsageStore(db),
      relays: new PostgresRelayStore(db),
      rotations: new PostgresRotationStore(phones.db, randomUUIDv7),
      commands: new PostgresCommandStore(phones.db),
      credentials: secrets.credentials,
      vpnSecret: secrets.serverKey.derive('openvpn'),
    }),
  );
  lifecycle.onStop('relay', () => relay.stop());
  return relay;
}

async function addControl(
  { config, log, clock, database, bus, secrets, metrics, lifecycle }: Base,
  relay: RunningRelay | null,
  progress: Progress,
) {
  progress('Starting the API');
  const { startControl } = await loadControl();
  const users = new Users(database.db, secrets.loginHash);
  const firstAdministrator = await users.ensureFirstAdministrator({
    email: config.adminEmail,
    password: config.adminPassword,
  });
  const running = await explainListen('POCKETPROXY_HTTP_LISTEN', config.httpListen, () =>
    startControl({
      ...{ config, log, clock, database, bus, metrics },
      ...secrets,
      checks: relayChecks(database, clock, relay),
    }),
  );
  lifecycle.onStop('control', () => running.stop());
  return { running, firstAdministrator };
}

/**
 * Control's code, first its parts with large packages of their own. What is loaded at once runs at once, and nothing else
 * meanwhile: between the parts it is the turn of phones and customers, who come back in this moment.
 */
async function loadControl() {
  await import('./compose-access.ts');
  await import('./compose-notifications.ts');
  await import('./api/app.ts');
  return await import('./control.ts');
}

/** What tells, in a process that is only a relay, whether it works. */
async function addRelayStatus(base: Base, relay: RunningRelay): Promise<void> {
  const { config, log, clock, database, bus, secrets, metrics, lifecycle } = base;
  const { startRelayStatus } = await import('./relay-status.ts');
  const status = await explainListen('POCKETPROXY_HTTP_LISTEN', config.httpListen, () =>
    startRelayStatus({
      ...{ config, log, clock, database, bus, metrics },
      ...secrets,
      checks: { database: async () => void (await database.ping()), ...relayChecks(database, clock, relay) },
    }),
  );
  lifecycle.onStop('relay status', () => status.stop());
}

function relayChecks(database: Database, clock: RealClock, relay: RunningRelay | null): ReadinessChecks {
  const relays = new PostgresRelayStore(database.db);
  const since = () => new Date(clock.now() - RELAY_FRESH_MS);
  return {
    relay: async () => {
      if (!(await relays.anyAliveSince(since()))) throw new Error('No relay is running');
      return undefined;
    },
    capacity: async () => {
      const shortage = relay?.shortage() ?? null;
      if (shortage !== null) throw new NotReady(`New flows are refused: ${SHORTAGES[shortage]}`);
      return undefined;
    },
    openvpn: async () => {
      const problems = await relays.vpnProblems(since());
      return problems.length === 0 ? undefined : { off: problems.join('; ') };
    },
  };
}
