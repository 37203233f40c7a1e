import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callHttp } from '../harness/http-call.ts';
import { type LabCertificates, makeLabCertificates } from '../origins/lab-ca.ts';
import { Host } from './host.ts';
import { LabRadio } from './lab-radio.ts';
import { namespaceName, removeLeftovers } from './leftovers.ts';
import { NAMES, PLAN } from './network-plan.ts';
import {
  type Addresses,
  FORWARDING,
  type LabHosts,
  mobileAddresses,
  mobileRoutes,
  QUIET,
  wifiRoutes,
  wire,
} from './wiring.ts';

const ORIGINS = join(import.meta.dirname, '../origins/main.ts');
const HOST_NAMES = ['internet', 'vps', 'customer', 'wifi', 'carrier', 'phone'] as const;
const ROUTERS: readonly string[] = ['internet', 'wifi', 'carrier'];

/** A small internet of network namespaces: a VPS, a phone with Wi-Fi and mobile network, a customer, and origins. */
export class Lab {
  readonly hosts: LabHosts;
  readonly directory: string;
  readonly certificates: LabCertificates;
  /** Path of the CA's certificate, for clients. */
  readonly caFile: string;
  /** The phone's radio, for agents with `--radio-command`. */
  readonly radio: LabRadio;

  private constructor(hosts: LabHosts, directory: string, certificates: LabCertificates, radio: LabRadio) {
    this.hosts = hosts;
    this.directory = directory;
    this.radio = radio;
    this.certificates = certificates;
    this.caFile = join(directory, 'lab-ca.pem');
  }

  /** Builds the lab and starts the origins. Whatever fails, nothing is left behind. */
  static async create(): Promise<Lab> {
    await removeLeftovers();
    const directory = await mkdtemp(join(tmpdir(), 'pplab-'));
    const run = randomBytes(3).toString('hex');
    const hosts = Object.fromEntries(
      HOST_NAMES.map((name) => [name, new Host(name, namespaceName(run, name), directory)]),
    ) as unknown as LabHosts;
    const certificates = await makeLabCertificates(Object.values(NAMES), [PLAN.web.ip4, PLAN.web.ip6]);
    const radio = await LabRadio.create(join(directory, 'radio'));
    const lab = new Lab(hosts, directory, certificates, radio);
    try {
      await lab.#build();
    } catch (error) {
      await lab.destroy();
      throw error;
    }
    return lab;
  }

  async #build(): Promise<void> {
    for (const name of HOST_NAMES) {
      const settings = ROUTERS.includes(name) ? [...QUIET, ...FORWARDING] : QUIET;
      await this.hosts[name].create(settings, name === 'phone' ? PLAN.dns.ip4 : PLAN.otherDns.ip4);
    }
    await wire(this.hosts);
    await writeFile(this.caFile, this.certificates.ca);
    const certificates = join(this.directory, 'certificates.json');
    await writeFile(certificates, JSON.stringify(this.certificates));
    const argv = [process.execPath, ORIGINS, this.#originsSocket, certificates];
    await this.hosts.internet.spawn(argv, { name: 'internet:origins' }).log.waitFor(/^ready/);
  }

  get #originsSocket(): string {
    return join(this.directory, 'origins.sock');
  }

  /** Asks the internet's servers what reached them, or tells them something; see `origins/main.ts`. */
  async origins<T>(call: string, argument: unknown = {}): Promise<T> {
    const answer = await callHttp(
      { socketPath: this.#originsSocket },
      { method: 'POST', path: `/${call}`, body: JSON.stringify(argument) },
    );
    if (answer.status !== 200) throw new Error(answer.body);
    return JSON.parse(answer.body) as T;
  }

  /** The addresses that `rmnet0` has now, or had last. */
  get mobile(): Addresses {
    return this.radio.addresses;
  }

  /** Takes the phone's mobile network away as a dying modem does: the interface goes down, its address stays. */
  async mobileDown(): Promise<void> {
    await this.hosts.phone.ip('link set rmnet0 down');
  }

  /** Brings it back, with its routes. */
  async mobileUp(): Promise<void> {
    await this.hosts.phone.ip('link set rmnet0 up', ...mobileRoutes());
  }

  /** Takes only the addresses away, as a network does that detaches the phone. */
  async detachMobile(): Promise<void> {
    const { ip4, ip6 } = this.mobile;
    await this.hosts.phone.ip(`addr del ${ip4}/24 dev rmnet0`, `addr del ${ip6}/64 dev rmnet0`);
  }

  /** What a rotation does: other addresses on the same network. The old ones may be detached already. */
  async attachMobile(lastByte: number): Promise<Addresses> {
    const addresses = mobileAddresses(lastByte);
    const { ip4, ip6 } = addresses;
    await this.radio.setAddresses(addresses);
    await this.hosts.phone.ip(
      `addr add ${ip4}/24 dev rmnet0`,
      `addr add ${ip6}/64 dev rmnet0`,
      ...mobileRoutes(),
    );
    return addresses;
  }

  async wifiDown(): Promise<void> {
    await this.hosts.phone.ip('link set wlan0 down');
  }

  async wifiUp(): Promise<void> {
    await this.hosts.phone.ip('link set wlan0 up', ...wifiRoutes());
  }

  /** Ends every process of the lab and removes every namespace. */
  async destroy(): Promise<void> {
    await Promise.all(HOST_NAMES.map((name) => this.hosts[name].destroy()));
    await rm(this.directory, { recursive: true, force: true });
  }
}
