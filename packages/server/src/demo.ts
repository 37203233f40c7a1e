import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatPairingUrl, parsePairingUrl } from '@pocketproxy/protocol';
import { createConnectionBodySchema } from '@pocketproxy/protocol/api';
import { type Logger, type ProcessSpec, RealClock, SupervisedProcess } from '@pocketproxy/runtime';
import { z } from 'zod';
import { type Config, childEnvironment } from './config.ts';
import type { ControlServices } from './control.ts';
import type { ConnectionRecord } from './db/connection-repository.ts';
import type { DeviceRecord } from './db/device-repository.ts';
import { EVERY_ORGANIZATION } from './db/scope.ts';
import { SettingsStore } from './db/settings-store.ts';
import { deviceStatus } from './domain/device-status.ts';
import type { RunningServer } from './main.ts';
import type { Progress } from './roles.ts';
import { ServiceError } from './services/service-error.ts';
import { Users } from './services/users.ts';

const AGENT_CLI = fileURLToPath(new URL('../../agent/src/cli.ts', import.meta.url));
const ONLINE_WITHIN_MS = 15_000;
/** Names of what the settings table remembers. */
const DEVICE = 'demo_device';
const CONNECTION = 'demo_connection';
/** Hash of the password that was printed last. */
const CREDENTIAL = 'demo_credential';

/** The phone that is a process of this machine, and a way through it. */
export interface RunningDemo {
  /** A command that works as it stands, or `null` when the connection's password is not ours to know. */
  readonly curl: string | null;
  readonly connection: ConnectionRecord;
  stop(): Promise<void>;
}

/** What the agent wrote down when it was paired. */
const identitySchema = z.object({ deviceId: z.string(), relayHost: z.string(), relayPort: z.number() });

/**
 * Runs a simulated phone with one connection. They are made at the first start and kept for life; if one was deleted
 * it is made anew.
 */
export async function startDemo(
  server: RunningServer & { readonly control: ControlServices },
  config: Config,
  log: Logger,
  progress: Progress,
): Promise<RunningDemo> {
  const phone = new SimulatedPhone(config, log);
  const settings = new SettingsStore(server.database.db);
  const device = await ensureDevice(server, settings, phone, progress);
  const agent = phone.run();
  try {
    const { connection, password } = await ensureConnection(server, settings, device);
    progress('Waiting for the simulated phone');
    await untilOnline(server, device.id);
    const proxy = `http://${connection.username}:${password}@${authority(localHost(config.proxyListen), connection.port)}`;
    return {
      connection,
      curl: password === null ? null : `curl -x ${proxy} http://ip.pocketproxy.internal/`,
      stop: async () => void (await agent.stop()),
    };
  } catch (error) {
    await agent.stop();
    throw error;
  }
}

async function ensureDevice(
  { control, database, secrets }: RunningServer & { readonly control: ControlServices },
  settings: SettingsStore,
  phone: SimulatedPhone,
  progress: Progress,
): Promise<DeviceRecord> {
  const known = await found(
    () => settings.get(DEVICE),
    (id) => control.devices.get(EVERY_ORGANIZATION, id),
  );
  if (known && (await phone.isPairedAs(known.id))) return known;
  progress('Pairing a simulated phone');
  const owner = {
    scope: EVERY_ORGANIZATION,
    organizationId: await new Users(database.db, secrets.loginHash).defaultOrganizationId(),
    userId: null,
  };
  const request = known ? { deviceId: known.id } : { name: 'Simulated phone' };
  const code = await control.pairingCodes.create(owner, { ...request, expiresInMinutes: 10 });
  await phone.pair(code.pairingUrl);
  const { deviceId } = await control.pairingCodes.get(EVERY_ORGANIZATION, code.id);
  if (deviceId === null) throw new Error('The simulated phone was not paired');
  await settings.set(DEVICE, deviceId);
  // It has no mobile network: without this it could reach nothing on a machine that is offline.
  const changes = { allowPrivateDestinations: true };
  return await control.devices.update(EVERY_ORGANIZATION, deviceId, changes);
}

/**
 * The demonstration's connection with a password that can be printed. No password is kept anywhere, so each start
 * makes a new one; `null` when a person has set one since, which stays.
 */
async function ensureConnection(
  { control }: RunningServer & { readonly control: ControlServices },
  settings: SettingsStore,
  device: DeviceRecord,
): Promise<{ readonly connection: ConnectionRecord; readonly password: string | null }> {
  const known = await found(
    () => settings.get(CONNECTION),
    (id) => control.connections.get(EVERY_ORGANIZATION, id),
  );
  const ours = known?.deviceId === device.id ? known : null;
  if (ours && ours.credentialHash !== (await settings.get(CREDENTIAL))) {
    return { connection: ours, password: null };
  }
  const body = createConnectionBodySchema.parse({ deviceId: device.id, name: 'Demonstration' });
  const made = ours
    ? await control.connections.changePassword(EVERY_ORGANIZATION, ours.id, undefined)
    : await control.connections.create(EVERY_ORGANIZATION, body);
  await settings.set(CONNECTION, made.connection.id);
  await settings.set(CREDENTIAL, made.connection.credentialHash);
  return made;
}

/** What a remembered id stands for, if it is still there. */
async function found<T>(
  remembered: () => Promise<string | null>,
  get: (id: string) => Promise<T>,
): Promise<T | null> {
  const id = await remembered();
  if (id === null) return null;
  return await get(id).catch((error: unknown) => {
    if (error instanceof ServiceError && error.code === 'not_found') return null;
    throw error;
  });
}

async function untilOnline(
  { control, bus }: RunningServer & { readonly control: ControlServices },
  deviceId: string,
): Promise<void> {
  const clock = new RealClock();
  let wake = (): void => {};
  const stop = bus.subscribe('device.changed', ({ id }) => id === deviceId && wake());
  const deadline = clock.now() + ONLINE_WITHIN_MS;
  try {
    while (clock.now() < deadline) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
        // Not the runtime's timer: there may be nothing else that keeps the process alive.
        setTimeout(resolve, 1_000);
      });
      const device = await control.devices.get(EVERY_ORGANIZATION, deviceId);
      if (deviceStatus(device, clock.now()) === 'online') return;
      await changed;
    }
  } finally {
    stop();
  }
  throw new Error('The simulated phone did not connect; --no-demo starts without it');
}

/** The agent as a child process, with the platform that simulates a phone. */
class SimulatedPhone {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #stateDir: string;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#stateDir = join(config.dataDir, 'simulated-phone');
  }

  /** Whether the agent's identity is that of this device and leads to where our relay listens now. */
  async isPairedAs(deviceId: string): Promise<boolean> {
    const text = await readFile(join(this.#stateDir, 'identity.json'), 'utf8').catch(() => '{}');
    const identity = identitySchema.safeParse(safeJson(text)).data;
    const { host, port } = this.#config.tunnelListen;
    return (
      identity?.deviceId === deviceId && identity.relayHost === localHost(host) && identity.relayPort === port
    );
  }

  async pair(pairingUrl: string): Promise<void> {
    // The public host may well not be reachable from this machine itself.
    const local = formatPairingUrl({
      ...parsePairingUrl(pairingUrl),
      host: localHost(this.#config.tunnelListen.host),
    });
    const lines: string[] = [];
    const pairing = new SupervisedProcess(this.#spec('pair', local, '--force'), {
      ...{ log: this.#log, clock: new RealClock(), backoff: null },
      onLine: (line) => lines.push(line),
    });
    pairing.start();
    const { code } = await pairing.ended;
    if (code !== 0) throw new Error(`The simulated phone could not be paired: ${lines.join(' ')}`);
  }

  run(): SupervisedProcess {
    const agent = new SupervisedProcess(this.#spec('run'), {
      ...{ log: this.#log, clock: new RealClock() },
      onLine: (line) => this.#log.debug({ process: 'simulated phone' }, line),
    });
    agent.start();
    return agent;
  }

  #spec(...command: string[]): ProcessSpec {
    return {
      name: 'simulated phone',
      command: process.execPath,
      args: [AGENT_CLI, ...command, '--state-dir', this.#stateDir, '--platform', 'simulated'],
      env: childEnvironment(),
      deathSignal: 'SIGTERM',
    };
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** How this machine reaches a service of its own. */
function localHost(listening: string): string {
  if (listening === '0.0.0.0') return '127.0.0.1';
  return listening === '::' ? '::1' : listening;
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
