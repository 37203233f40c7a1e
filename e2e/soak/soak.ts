import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes } from '../harness/process-facts.ts';
import { until } from '../harness/until.ts';
import { checkUsage } from '../load/check-usage.ts';
import { Disturbances } from '../load/disturbances.ts';
import { Generator } from '../load/generator.ts';
import { type FleetPlan, LoadSystem } from '../load/load-system.ts';
import { Outcomes } from '../load/outcomes.ts';
import type { FlowSurroundings } from '../load/run-flow.ts';
import { seededRandom } from '../load/seeded-random.ts';
import { serverFigures } from '../load/server-figures.ts';
import { Weather, type WeatherOptions } from '../load/weather.ts';
import type { Checkpoint, Sample } from './sample.ts';
import { judge, type Verdict } from './verdict.ts';

/** Longer than any flow may take. */
const DRAIN_MS = 120_000;
/** Clients have gone by then, and a flow that has only one end left may take a minute. */
const IDLE_WITHIN_MS = 90_000;
/** Timers, buffers and sockets of flows that have ended are gone after it; collections have had their turn. */
const REST_MS = 3_000;

export interface SoakPlan {
  readonly fleet: FleetPlan;
  readonly weather: WeatherOptions;
  readonly intervalMs: number;
  readonly seed: number;
  /** Told of each sample. */
  readonly onSample: (sample: Sample) => void;
  /** Told of each checkpoint. */
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
  /** Told of each failure that nothing explains. */
  readonly onUnexplained: (what: string) => void;
}

/** A system under load for as long as somebody wants. */
export class Soak {
  readonly system: LoadSystem;
  readonly generator: Generator;
  readonly outcomes: Outcomes;
  readonly #plan: SoakPlan;
  readonly #surroundings: FlowSurroundings;
  readonly #weather: Weather;
  readonly #samples: Sample[] = [];
  readonly #checkpoints: Checkpoint[] = [];
  readonly #startedAt = performance.now();
  #cpuSeconds = 0;
  #refused: Readonly<Record<string, number>> = {};

  private constructor(system: LoadSystem, plan: SoakPlan) {
    this.system = system;
    this.outcomes = new Outcomes();
    this.#plan = plan;
    this.#surroundings = {
      origin: system.origin,
      outcomes: this.outcomes,
      disturbances: new Disturbances(),
      random: seededRandom(plan.seed),
      onUnexplained: plan.onUnexplained,
    };
    this.generator = new Generator(system.customers, this.#surroundings);
    this.#weather = new Weather(system, this.#surroundings, plan.weather);
  }

  /** Starts everything; no flow yet. */
  static async start(plan: SoakPlan): Promise<Soak> {
    return new Soak(await LoadSystem.start({ fleet: plan.fleet }), plan);
  }

  /** Starts flows at `rate` a second under a changing weather for `ms`, then rests. */
  async run(phase: Sample['phase'], rate: number, ms: number): Promise<void> {
    const end = performance.now() + ms;
    this.outcomes.take();
    this.generator.rate = rate;
    this.#weather.begin();
    while (performance.now() < end) {
      const from = performance.now();
      const left = end - from;
      // A last interval of a few seconds would have rates of its own: it belongs to the one before.
      await delay(left < this.#plan.intervalMs * 1.5 ? left : this.#plan.intervalMs);
      await this.#sample(phase, (performance.now() - from) / 1_000);
    }
    await this.rest();
  }

  /** Ends all flows in order, and looks at what the server still holds. */
  async rest(): Promise<void> {
    const drained = this.generator.drain(DRAIN_MS);
    await this.#weather.end();
    if (!(await drained)) this.#plan.onUnexplained(`${this.generator.open} flows do not end`);
    const { server, probe } = this.system;
    await until(
      'the server to be idle',
      async () => (await serverFigures(server.api)).flowsOpen === 0,
      IDLE_WITHIN_MS,
    );
    await delay(REST_MS);
    const { pid } = server.child;
    const checkpoint = {
      ...(await probe.look(pid)),
      ...{ at: this.#seconds(), flows: this.outcomes.total.started },
    };
    this.#checkpoints.push(checkpoint);
    this.#plan.onCheckpoint(checkpoint);
  }

  /** Compares usage, and judges. */
  async verdict(): Promise<Verdict> {
    const { server, origin, customers } = this.system;
    return judge({
      samples: this.#samples,
      checkpoints: this.#checkpoints,
      totals: this.outcomes.total,
      weather: this.#weather.counts,
      usage: await checkUsage(server.api, origin, customers),
    });
  }

  async destroy(): Promise<void> {
    this.generator.stop();
    await this.system.destroy();
  }

  async #sample(phase: Sample['phase'], seconds: number): Promise<void> {
    const { server, probe } = this.system;
    const { pid } = server.child;
    const { loopP99Ms, cpuSeconds, flowsOpen, devices, refused } = await serverFigures(server.api);
    const outcomes = this.outcomes.take();
    const sample: Sample = {
      ...{ at: this.#seconds(), phase, flowsPerSecond: outcomes.started / seconds },
      clientFlows: this.generator.open,
      server: {
        ...(await probe.look(pid)),
        ...{ flowsOpen, devices, loopP99Ms },
        cpu: (cpuSeconds - this.#cpuSeconds) / seconds,
        refused: difference(refused, this.#refused),
      },
      agentsResident: await this.#agentsResident(),
      machineLoad: loadavg()[0]!,
      weather: this.#weather.counts,
      ...outcomes,
    };
    // The collection that was asked for is none of the next interval's delays.
    this.#cpuSeconds = (await serverFigures(server.api)).cpuSeconds;
    this.#refused = refused;
    this.#samples.push(sample);
    this.#plan.onSample(sample);
  }

  async #agentsResident(): Promise<number> {
    const all = await Promise.all(
      this.system.steady.map(async ({ process }) => await residentBytes(process.pid)),
    );
    return all.reduce((sum, bytes) => sum + bytes, 0);
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }
}

function difference(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const entries = Object.entries(now).map(([code, count]) => [code, count - (before[code] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
