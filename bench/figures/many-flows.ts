import type { JobResult, Route } from '../load/jobs.ts';
import { LoadGenerator } from '../load/load-generator.ts';
import { percentile, spreadOf } from '../measure/statistics.ts';
import { PocketProxy } from '../peers/pocketproxy.ts';
import { loopDelayP99Ms } from '../peers/server-metrics.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';
import { lonelyFigure } from './lonely-figure.ts';

/** So that neither an agent nor a generator is at the end of its descriptors; each has an origin of its own, too. */
const PHONES = 4;
const REQUESTS_PER_SECOND = 1_000;
const LOOP_BELOW_MS = 50;
const OPENED_WITHIN_MS = 120_000;

/** Of figures of this step. */
export const MANY_FLOWS_IDS = ['open-flows-loop', 'open-flows-answer', 'open-flows-failed'] as const;

/** Many flows open at a time on one relay, and requests on one after the other: whether all live and the relay keeps up. */
export async function measureManyFlows({ effort, started }: Bench): Promise<Figure[]> {
  const system = await started.add(PocketProxy.start('PocketProxy'));
  const ways: { load: LoadGenerator; route: Route }[] = [];
  for (let phone = 1; phone <= PHONES; phone++) {
    const load = await started.add(LoadGenerator.start());
    ways.push({ load, route: (await system.addPhone(`Phone ${phone}`)).route('socks5') });
  }
  const onEach = (plan: HoldPlan | AskPlan, withinMs: number): Promise<JobResult[]> =>
    Promise.all(
      ways.map(({ load, route }) =>
        load.run({ ...plan, route, originHost: load.originHost, originPort: load.originPort }, withinMs),
      ),
    );
  const opened = await onEach({ kind: 'hold', flows: effort.openFlows / PHONES }, OPENED_WITHIN_MS);
  await loopDelayP99Ms(system.server);
  const asked = await onEach(
    { kind: 'ask', perSecond: REQUESTS_PER_SECOND / PHONES, countedMs: effort.openFlowsMs },
    effort.openFlowsMs + OPENED_WITHIN_MS,
  );
  const loopMs = await loopDelayP99Ms(system.server);
  for (const { load } of ways) await started.stop(load);
  await started.stop(system);
  return figures(effort.openFlows, loopMs, opened, asked);
}

type HoldPlan = { readonly kind: 'hold'; readonly flows: number };
type AskPlan = { readonly kind: 'ask'; readonly perSecond: number; readonly countedMs: number };

function figures(
  flows: number,
  loopMs: number,
  opened: readonly JobResult[],
  asked: readonly JobResult[],
): Figure[] {
  const [loop, answer, failed] = MANY_FLOWS_IDS;
  const open = `${flows.toLocaleString('en')} flows open, ${REQUESTS_PER_SECOND.toLocaleString('en')} requests/s`;
  const failures = [...opened, ...asked].reduce((sum, result) => sum + result.failures, 0);
  const answerMs = percentile(
    asked.flatMap(({ latenciesMs }) => latenciesMs),
    0.99,
  );
  return [
    lonelyFigure({
      ...{ id: loop, title: `${open}: relay's event loop, p99`, unit: 'ms', value: spreadOf([loopMs]) },
      target: { text: `< ${LOOP_BELOW_MS} ms`, limit: LOOP_BELOW_MS, met: loopMs < LOOP_BELOW_MS },
    }),
    lonelyFigure({
      ...{ id: answer, title: `${open}: answer, p99`, unit: 'ms', value: spreadOf([answerMs]) },
      target: null,
    }),
    lonelyFigure({
      ...{ id: failed, title: `${open}: flows that failed`, unit: 'flows', value: spreadOf([failures]) },
      target: { text: 'none', met: failures === 0 },
    }),
  ];
}
