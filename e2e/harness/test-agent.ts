import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceView } from './api-client.ts';
import type { Child } from './child.ts';
import { HERE, type Place } from './place.ts';
import type { TestServer } from './test-server.ts';
import { until } from './until.ts';

const CLI = join(import.meta.dirname, '../../packages/agent/src/cli.ts');

export interface AgentOptions {
  readonly place?: Place | undefined;
  /** Flags of `run`, such as `--egress-interface`. */
  readonly flags?: readonly string[] | undefined;
  readonly allowPrivate?: boolean | undefined;
  /** Changes the pairing URL, so that the tunnel takes another way. */
  readonly rewritePairingUrl?: ((pairingUrl: string) => Promise<string>) | undefined;
}

/** A real agent with a state directory of its own, paired through the CLI. */
export class TestAgent {
  readonly deviceId: string;
  readonly stateDir: string;
  readonly #server: TestServer;
  readonly #options: AgentOptions;
  #child: Child | null = null;

  private constructor(deviceId: string, stateDir: string, server: TestServer, options: AgentOptions) {
    this.deviceId = deviceId;
    this.stateDir = stateDir;
    this.#server = server;
    this.#options = options;
  }

  /** Pairs a new device and starts its agent; resolves when the device is online. */
  static async start(server: TestServer, name: string, options: AgentOptions = {}): Promise<TestAgent> {
    const { pairingUrl } = await server.api.createPairingCode({ name });
    const agent = await TestAgent.pair(server, pairingUrl, options);
    const allowPrivateDestinations = options.allowPrivate ?? true;
    await server.api.changeDevice(agent.deviceId, { allowPrivateDestinations });
    agent.launch();
    await agent.online();
    return agent;
  }

  /** Pairs a new device with the URL that somebody was given; its agent is not started yet. */
  static async pair(server: TestServer, pairingUrl: string, options: AgentOptions = {}): Promise<TestAgent> {
    const stateDir = await mkdtemp(join(tmpdir(), 'pp-agent-'));
    const before = new Set((await server.api.devices()).map(({ id }) => id));
    const url = (await options.rewritePairingUrl?.(pairingUrl)) ?? pairingUrl;
    const pairing = pairAgent(url, stateDir, options.place, options.flags);
    const { code } = await pairing.exited;
    if (code !== 0) throw new Error(`Pairing failed:\n${pairing.log.tail(20)}`);
    const device = (await server.api.devices()).find(({ id }) => !before.has(id));
    if (!device) throw new Error('The paired device is not in the list');
    return new TestAgent(device.id, stateDir, server, options);
  }

  /** The agent's process now. */
  get child(): Child {
    if (!this.#child) throw new Error('The agent is not running');
    return this.#child;
  }

  /** Starts the process (again) on the same state. */
  launch(): void {
    this.#child = this.spawnOn(this.stateDir);
  }

  /** Starts a process on another state directory, which this object then knows nothing of. */
  spawnOn(stateDir: string): Child {
    const place = this.#options.place ?? HERE;
    const flags = platformFlags(this.#options.flags);
    return place.spawn([process.execPath, CLI, 'run', '--state-dir', stateDir, ...flags], { name: 'agent' });
  }

  async status(): Promise<DeviceView['status']> {
    return (await this.#server.api.device(this.deviceId)).status;
  }

  /** Resolves when the server sees the device online. */
  async online(withinMs = 30_000): Promise<void> {
    await until(
      `device ${this.deviceId} to be online`,
      async () => (await this.status()) === 'online',
      withinMs,
    );
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.child.signal(signal);
    await this.child.exited;
    this.#child = null;
  }

  async destroy(): Promise<void> {
    await this.#child?.kill();
    await rm(this.stateDir, { recursive: true, force: true });
  }
}

/** Runs `pocketproxy-agent pair`. */
export function pairAgent(
  pairingUrl: string,
  stateDir: string,
  place: Place = HERE,
  flags: readonly string[] = [],
): Child {
  const argv = [process.execPath, CLI, 'pair', pairingUrl, '--state-dir', stateDir, ...platformFlags(flags)];
  return place.spawn(argv, { name: 'agent pair' });
}

function platformFlags(flags: readonly string[] = []): string[] {
  return ['--platform', 'simulated', ...flags];
}
