import { join } from 'node:path';
import type { DeviceView } from './api-client.ts';
import type { Child } from './child.ts';
import { HERE, type Place } from './place.ts';
import type { TestServer } from './test-server.ts';
import { until } from './until.ts';

const MANY = join(import.meta.dirname, '../../packages/agent/src/testing/many-main.ts');

/** On one host each agent's routes are news to all others, which look at theirs again. */
const ALL_ONLINE_MS = 90_000;

export interface ManyAgentsOptions {
  readonly place?: Place;
  /** Settings of all of them, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Many real agents in one process, each a device of its own. */
export class ManyAgents {
  /** In the order of their names. */
  readonly devices: readonly DeviceView[];
  readonly #child: Child;

  private constructor(devices: readonly DeviceView[], child: Child) {
    this.devices = devices;
    this.#child = child;
  }

  /** Pairs and starts `count` devices named `<name> 1` and so on; resolves when all are online. */
  static async start(server: TestServer, name: string, count: number, options: ManyAgentsOptions = {}) {
    const settings = JSON.stringify({ platform: 'simulated', ...options.settings });
    const child = (options.place ?? HERE).spawn([process.execPath, MANY, settings], { name: 'agents' });
    const names = Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);
    for (const one of names) {
      const { pairingUrl } = await server.api.createPairingCode({ name: one });
      child.write(`${pairingUrl}\n`);
    }
    child.closeInput();
    await child.log.waitFor(new RegExp(`^ready ${count}$`), 60_000);
    const allOnline = async () => {
      const all = await server.api.devices();
      const ours = names.flatMap((one) => all.find((device) => device.name === one) ?? []);
      return ours.length === count && ours.every((device) => device.status === 'online') ? ours : null;
    };
    const devices = await until('all phones to be online', allOnline, ALL_ONLINE_MS);
    return new ManyAgents(devices, child);
  }

  async destroy(): Promise<void> {
    await this.#child.stop();
  }
}
