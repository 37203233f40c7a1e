import type { Bench } from './figures/bench.ts';
import { measureFirstByte } from './figures/first-byte.ts';
import { measureIdleMemory } from './figures/idle-memory.ts';
import { LONG_WAYS, measureLongWay } from './figures/long-way.ts';
import { MANY_FLOWS_IDS, measureManyFlows } from './figures/many-flows.ts';
import { measureManyPhones, PHONES_IDS } from './figures/many-phones.ts';
import { ratePlans } from './figures/rate-plans.ts';
import { measureRates } from './figures/rates.ts';
import { measureVpn, VPN_PLANS } from './figures/vpn.ts';
import { measureVpnFirstByte } from './figures/vpn-first-byte.ts';
import type { BenchOptions } from './options.ts';
import type { PocketProxy } from './peers/pocketproxy.ts';
import type { Figure } from './report/figure.ts';

/** A part of the bench that is measured together. */
export interface Step {
  /** Of the figures that it gives, or how they all start. */
  readonly ids: readonly string[];
  /** Whether it is left out unless a figure of it is asked for: the whole is to stay below five minutes. */
  readonly onlyWhenAsked?: boolean;
  measure(): Promise<readonly Figure[]>;
}

/** Everything that can be measured, in order: idle memory first, while the processes are fresh. */
export function allSteps(bench: Bench, pocketProxy: PocketProxy): Step[] {
  return [
    { ids: ['idle-memory'], measure: async () => [await measureIdleMemory(bench)] },
    { ids: ['first-byte'], measure: () => measureFirstByte(bench) },
    ...ratePlans(bench.effort).map((plan) => ({
      ids: plan.lines.map(({ id }) => id),
      measure: () => measureRates(bench, plan),
    })),
    ...LONG_WAYS.map((way) => ({
      ids: [way.id],
      measure: async () => [await measureLongWay(bench, pocketProxy, way)],
    })),
    { ids: MANY_FLOWS_IDS, onlyWhenAsked: true, measure: () => measureManyFlows(bench) },
    { ids: PHONES_IDS, onlyWhenAsked: true, measure: () => measureManyPhones(bench) },
    { ids: ['vpn-first-byte'], onlyWhenAsked: true, measure: () => measureVpnFirstByte(bench) },
    { ids: VPN_PLANS.map(({ id }) => id), onlyWhenAsked: true, measure: () => measureVpn(bench) },
  ];
}

/** The steps of which a figure was asked for, or all; when nothing was, those that need not be asked for. */
export function chosenSteps(
  steps: readonly Step[],
  { only, all }: Pick<BenchOptions, 'only' | 'all'>,
): readonly Step[] {
  if (all) return steps;
  const asked = (id: string): boolean => only.some((start) => id.startsWith(start) || start.startsWith(id));
  if (only.length === 0) return steps.filter(({ onlyWhenAsked = false }) => !onlyWhenAsked);
  return steps.filter(({ ids }) => ids.some(asked));
}
