import { setTimeout as delay } from 'node:timers/promises';
import { Rotations } from '../harness/rotation.ts';
import type { Disturbances } from './disturbances.ts';
import { FLOW_KINDS } from './flow-kinds.ts';
import type { LoadSystem, PhoneGroup } from './load-system.ts';
import { type FlowSurroundings, runFlow } from './run-flow.ts';

const ROTATION_PERIOD_MS = 10_000;
const RECOVERY_PAUSE_MS = 250;
const RECOVERY_LIMIT_MS = 120_000;
/** How long the radio of a rotating phone stays off. */
const HOLD_SECONDS = 1;

/** How bad the weather is. Times in milliseconds. */
export interface WeatherOptions {
  /** Each phone behind a gate is in trouble about this often. */
  readonly gatePeriodMs: number;
  readonly killPeriodMs: number;
  /** For how long a network may be silent; beyond 30 s the relay must have noticed. */
  readonly silenceMs: { readonly min: number; readonly max: number };
}

/** What the weather did, and how soon phones were back once the network was. */
export interface WeatherCounts {
  readonly cuts: number;
  readonly silences: number;
  readonly kills: number;
  readonly rotations: number;
  readonly recoveryP95Ms: number | null;
}

/** Makes phones flap: their networks are cut or fall silent, their process is killed, and they rotate. */
export class Weather {
  readonly #options: WeatherOptions;
  readonly #system: LoadSystem;
  readonly #surroundings: FlowSurroundings;
  readonly #running = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #recoveries: number[] = [];
  readonly #counts = { cuts: 0, silences: 0, kills: 0, rotations: 0 };

  constructor(system: LoadSystem, surroundings: FlowSurroundings, options: WeatherOptions) {
    this.#options = options;
    this.#system = system;
    this.#surroundings = surroundings;
  }

  get counts(): WeatherCounts {
    const sorted = this.#recoveries.toSorted((a, b) => a - b);
    return { ...this.#counts, recoveryP95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? null };
  }

  /** Begins, until `end`. */
  begin(): void {
    const { gates, killed, steady } = this.#system;
    const { gatePeriodMs, killPeriodMs } = this.#options;
    if (gates.size > 0) {
      const phones = [...gates.keys()];
      this.#every(gatePeriodMs / gates.size, () => this.#disturbGate(this.#pick(phones)));
    }
    if (killed) this.#every(killPeriodMs, () => this.#kill(killed));
    const rotating = steady[0]?.phones.slice(0, 8) ?? [];
    if (rotating.length > 0) this.#every(ROTATION_PERIOD_MS, () => this.#rotate(this.#pick(rotating)));
  }

  /** Lets what is under way end, and answers when every phone is well. */
  async end(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#surroundings.random() * from.length)]!;
  }

  #every(ms: number, disturb: () => Promise<void>): void {
    this.#timers.push(
      setInterval(() => {
        const done = disturb().catch((error: unknown) => {
          this.#surroundings.onUnexplained(`the weather failed: ${String(error)}`);
        });
        this.#running.add(done);
        void done.then(() => this.#running.delete(done));
      }, ms),
    );
  }

  get #disturbances(): Disturbances {
    return this.#surroundings.disturbances;
  }

  async #disturbGate(phone: number): Promise<void> {
    if (this.#disturbances.isUnderWay(phone)) return;
    const gate = this.#system.gates.get(phone)!;
    const over = this.#disturbances.begin(phone);
    const { random } = this.#surroundings;
    if (random() < 0.7) {
      this.#counts.cuts += 1;
      gate.cut();
      await delay(random() * 3_000);
    } else {
      const { min, max } = this.#options.silenceMs;
      this.#counts.silences += 1;
      gate.silence();
      await delay(min + random() * (max - min));
      // Half of them find the relay again as if nothing had been; for the others everything is lost.
      if (random() < 0.5) gate.cut();
    }
    gate.restore();
    await this.#recover(phone);
    over();
  }

  async #kill({ process, phones }: PhoneGroup): Promise<void> {
    if (phones.some((phone) => this.#disturbances.isUnderWay(phone))) return;
    this.#counts.kills += 1;
    const overs = phones.map((phone) => this.#disturbances.begin(phone));
    await process.kill();
    await delay(this.#surroundings.random() * 3_000);
    await process.restart();
    await Promise.all(
      phones.map(async (phone, index) => {
        await this.#recover(phone);
        overs[index]!();
      }),
    );
  }

  async #rotate(phone: number): Promise<void> {
    if (this.#disturbances.isUnderWay(phone)) return;
    this.#counts.rotations += 1;
    const over = this.#disturbances.begin(phone);
    const { api } = this.#system.server;
    const deviceId = this.#system.deviceId(phone);
    try {
      await api.changeDevice(deviceId, { rotationHoldSeconds: HOLD_SECONDS });
      await new Rotations(api, deviceId).rotate();
      await this.#recover(phone);
    } finally {
      over();
    }
  }

  /** Resolves when a flow through the phone succeeds. @throws {Error} when none does for too long */
  async #recover(phone: number): Promise<void> {
    const customer = this.#system.customers[phone]!;
    const startedAt = performance.now();
    while (!(await runFlow(FLOW_KINDS[0]!, customer, this.#surroundings))) {
      if (performance.now() - startedAt > RECOVERY_LIMIT_MS)
        throw new Error(`phone ${phone} did not come back`);
      await delay(RECOVERY_PAUSE_MS);
    }
    this.#recoveries.push(performance.now() - startedAt);
  }
}
