import type { OutcomeCounts } from '../load/outcomes.ts';
import type { Holding } from '../load/process-probe.ts';
import type { WeatherCounts } from '../load/weather.ts';

/** One line of a soak: what happened in one interval, and what the server held at its end. */
export interface Sample extends OutcomeCounts {
  /** Seconds since flows were started for the first time. */
  readonly at: number;
  /** `warm-up` is not judged. */
  readonly phase: 'warm-up' | 'soak';
  /** Flows a second that the client started. */
  readonly flowsPerSecond: number;
  /** Flows that the client has open. */
  readonly clientFlows: number;
  /** Of the server after a full collection. */
  readonly server: Holding & {
    readonly flowsOpen: number;
    readonly devices: number;
    /** Of this interval, without the collection. */
    readonly loopP99Ms: number;
    /** Share of one core in this interval. */
    readonly cpu: number;
    /** Refusals in this interval by error code. */
    readonly refused: Readonly<Record<string, number>>;
  };
  /** Resident bytes of the agents' processes. */
  readonly agentsResident: number;
  /** Of the machine, all programs together: one minute's average of processes that want a core. */
  readonly machineLoad: number;
  readonly weather: WeatherCounts;
}

/** The server when nobody used it: states that can be compared. */
export interface Checkpoint extends Holding {
  readonly at: number;
  /** Flows started up to now. */
  readonly flows: number;
}
