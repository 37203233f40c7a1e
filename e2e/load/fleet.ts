import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient, DeviceView } from '../harness/api-client.ts';
import { Child } from '../harness/child.ts';
import type { TestServer } from '../harness/test-server.ts';
import { until } from '../harness/until.ts';

const MANY = join(import.meta.dirname, '../../packages/agent/src/testing/many-main.ts');
/** Pairing makes a key and a certificate, and says hello: for a phone, on busy cores. */
const PAIRING_MS = 1_000;
/** The last phone of a crowd is paired minutes after its code was made. */
const CODE_MINUTES = 60;
const PAGE = 200;

/** Real agents in one process, which can be killed and started again. */
export class AgentProcess {
  /** Ids of its devices, in the order of their pairing. */
  readonly deviceIds: readonly string[];
  readonly #folder: string;
  #child: Child;

  private constructor(deviceIds: readonly string[], folder: string, child: Child) {
    this.deviceIds = deviceIds;
    this.#folder = folder;
    this.#child = child;
  }

  /**
   * Pairs and starts `count` phones named `<name> 1` and so on.
   * @param rewritePairingUrl leads the tunnel of the phone with this index another way
   */
  static async start(
    server: TestServer,
    name: string,
    count: number,
    rewritePairingUrl: (url: string, index: number) => string = (url) => url,
  ): Promise<AgentProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'pp-fleet-'));
    const child = spawnAgents(folder);
    const names = Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);
    for (const [index, one] of names.entries()) {
      const { pairingUrl } = await server.api.createPairingCode({
        name: one,
        expiresInMinutes: CODE_MINUTES,
      });
      child.write(`${rewritePairingUrl(pairingUrl, index)}\n`);
    }
    child.closeInput();
    await child.log.waitFor(new RegExp(`^ready ${count}$`), 30_000 + count * PAIRING_MS);
    const byName = new Map((await allDevices(server.api)).map((device) => [device.name, device.id]));
    const deviceIds = names.map((one) => byName.get(one) ?? '');
    if (deviceIds.includes('')) throw new Error(`Not all phones of ${name} were paired`);
    return new AgentProcess(deviceIds, folder, child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** `kill -9`, and all phones are gone. */
  async kill(): Promise<void> {
    await this.#child.kill();
  }

  /** Starts the same phones again. */
  async restart(): Promise<void> {
    this.#child = spawnAgents(this.#folder);
    this.#child.closeInput();
    await this.#child.log.waitFor(/^ready /, 60_000);
  }

  async destroy(): Promise<void> {
    await this.#child.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function spawnAgents(folder: string): Child {
  return new Child([process.execPath, MANY, JSON.stringify({ platform: 'simulated' }), folder], {
    name: 'agents',
  });
}

/** All devices, page by page. */
export async function allDevices(api: ApiClient): Promise<readonly DeviceView[]> {
  const devices: DeviceView[] = [];
  let cursor = '';
  do {
    const page = await api.call<{ items: DeviceView[]; nextCursor: string | null }>(
      'GET',
      `/devices?limit=${PAGE}${cursor}`,
    );
    devices.push(...page.items);
    cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== '');
  return devices;
}

/** Resolves when `count` devices are online. */
export async function allOnline(api: ApiClient, count: number, withinMs = 120_000): Promise<void> {
  const online = async () => (await api.call<OverviewView>('GET', '/stats/overview')).devices.online >= count;
  await until(`${count} phones to be online`, online, withinMs);
}

interface OverviewView {
  readonly devices: { readonly online: number };
}
