import type { Page } from 'playwright-core';

/** What a page has done meanwhile, in milliseconds of its main thread. */
export interface Busy {
  readonly script: number;
  readonly style: number;
  readonly layout: number;
  /** All of it, with painting. */
  readonly all: number;
}

const METRICS = {
  script: 'ScriptDuration',
  style: 'RecalcStyleDuration',
  layout: 'LayoutDuration',
  all: 'TaskDuration',
} as const;

/** Counts what a page's main thread does during `work`, which depends less on the neighbours than what a clock says. */
export async function busyDuring<T>(page: Page, work: () => Promise<T>): Promise<readonly [T, Busy]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<Busy> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string): number => (metrics.find((each) => each.name === name)?.value ?? 0) * 1_000;
    return {
      script: of(METRICS.script),
      style: of(METRICS.style),
      layout: of(METRICS.layout),
      all: of(METRICS.all),
    };
  };
  const before = await read();
  const result = await work();
  const after = await read();
  await devtools.detach();
  return [
    result,
    {
      script: after.script - before.script,
      style: after.style - before.style,
      layout: after.layout - before.layout,
      all: after.all - before.all,
    },
  ];
}

/** `script 2.1, style 1.0, layout 0.5, all 6.2 ms`, of each of `count`. */
export function perOne({ script, style, layout, all }: Busy, count: number): string {
  const ms = (sum: number): string => (sum / count).toFixed(1);
  return `script ${ms(script)}, style ${ms(style)}, layout ${ms(layout)}, all ${ms(all)} ms`;
}
