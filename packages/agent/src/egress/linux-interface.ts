import { networkInterfaces } from 'node:os';
import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { EgressPath, EgressSource } from './egress-path.ts';
import { interfaceAddress, type NetworkInterfaces } from './interface-address.ts';
import type { InterfaceRoutes } from './interface-routes.ts';
import type { RouteMonitor } from './route-monitor.ts';

interface InterfaceSource extends EgressSource {
  readonly ipv4: string | null;
  readonly ipv6: string | null;
}

export interface LinuxInterfaceOptions {
  readonly device: string;
  /** What leaves here, for the log. */
  readonly purpose: 'egress' | 'tunnel';
  readonly routes: InterfaceRoutes;
  readonly monitor: RouteMonitor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly interfaces?: () => NetworkInterfaces;
}

/** How old a look at the interface's addresses may be when a flow starts. */
const LOOK_MS = 100;
/** Finds what no event told, and tries a set-up again that failed. */
const TICK_MS = 1_000;
const GONE: InterfaceSource = { ipv4: null, ipv6: null };

/**
 * One interface as the only way out. Addresses are handed out only after the kernel was told, or asked, to send
 * their traffic by this interface alone; while that is not so, everything is refused.
 */
export class LinuxInterfacePath implements EgressPath {
  readonly bound = true;
  readonly #options: LinuxInterfaceOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #tick: Timer;
  /** What the interface has. */
  #addresses: InterfaceSource = GONE;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What may be used; `null` with a reason while nothing may. */
  #source: EgressSource | null = null;
  #reason: string;
  #settingUp: Promise<void> | null = null;
  #setUpAgain = false;
  #closed = false;

  constructor(options: LinuxInterfaceOptions) {
    this.#options = options;
    this.#reason = downReason(options.device);
    options.monitor.start(() => this.#networkChanged());
    this.#tick = options.clock.setInterval(() => this.#onTick(), TICK_MS);
    this.#look();
  }

  source(): EgressSource | Promise<EgressSource> {
    this.#look();
    if (this.#source) return this.#source;
    return this.#settingUp ? this.#settingUp.then(() => this.sourceNow()) : this.sourceNow();
  }

  sourceNow(): EgressSource {
    this.#look();
    if (this.#source) return this.#source;
    throw new FlowError('egress_unavailable', this.#reason);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#source = null;
    this.#reason = 'The agent is stopping';
    this.#tick.cancel();
    await this.#options.monitor.stop();
    await this.#settingUp;
    await this.#options.routes.remove();
  }

  #onTick(): void {
    this.#look();
    if (!this.#source && hasAddress(this.#addresses)) this.#setUp();
  }

  #networkChanged(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#look();
    if (hasAddress(this.#addresses)) this.#setUp();
  }

  #look(): void {
    const now = this.#options.clock.monotonic();
    if (this.#closed || now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const { device, interfaces = networkInterfaces } = this.#options;
    const all = interfaces();
    const found = {
      ipv4: interfaceAddress(device, 4, all, this.#addresses.ipv4),
      ipv6: interfaceAddress(device, 6, all, this.#addresses.ipv6),
    };
    if (isSame(found, this.#addresses)) return;
    this.#addresses = found;
    // What is gone is refused at once; what is new is handed out after it was checked.
    const kept = {
      ipv4: this.#source?.ipv4 === found.ipv4 ? found.ipv4 : null,
      ipv6: this.#source?.ipv6 === found.ipv6 ? found.ipv6 : null,
    };
    const reason = hasAddress(found) ? settingUpReason(device) : downReason(device);
    this.#become(hasAddress(kept) ? kept : null, reason);
    if (hasAddress(found)) this.#setUp();
  }

  #setUp(): void {
    if (this.#closed) return;
    if (this.#settingUp) {
      this.#setUpAgain = true;
      return;
    }
    this.#settingUp = this.#setUpUntilStable().finally(() => {
      this.#settingUp = null;
    });
  }

  async #setUpUntilStable(): Promise<void> {
    do {
      this.#setUpAgain = false;
      const wanted = this.#addresses;
      const checked = await this.#options.routes.establish(wanted);
      if (this.#closed) return;
      if (!isSame(wanted, this.#addresses)) {
        this.#setUpAgain = hasAddress(this.#addresses);
        continue;
      }
      this.#become(hasAddress(checked.source) ? checked.source : null, checked.problem ?? '');
    } while (this.#setUpAgain);
  }

  #become(source: EgressSource | null, reason: string): void {
    const { device, purpose, log } = this.#options;
    if (source ? this.#source && isSame(source, this.#source) : !this.#source && reason === this.#reason)
      return;
    this.#source = source;
    this.#reason = reason;
    if (source) log.info({ interface: device, purpose, ...source }, 'interface in use');
    else log.warn({ interface: device, purpose, reason }, 'interface not usable, its traffic is refused');
    for (const listener of this.#listeners) listener();
  }
}

function hasAddress({ ipv4, ipv6 }: EgressSource): boolean {
  return ipv4 !== null || ipv6 !== null;
}

function isSame(a: EgressSource, b: EgressSource): boolean {
  return a.ipv4 === b.ipv4 && a.ipv6 === b.ipv6;
}

function downReason(device: string): string {
  return `The interface ${device} is down or has no address`;
}

function settingUpReason(device: string): string {
  return `The interface ${device} has just changed its address`;
}
