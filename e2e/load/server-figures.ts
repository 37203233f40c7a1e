import type { ApiClient } from '../harness/api-client.ts';

/** What the server tells of itself, by `/metrics`. */
export interface ServerFigures {
  readonly flowsOpen: number;
  readonly flowsOpened: number;
  readonly devices: number;
  /** Since the last look, in milliseconds. */
  readonly loopP99Ms: number;
  /** The longest one since the last look, in milliseconds. */
  readonly loopMaxMs: number;
  /** Of user and system together since the start, in seconds. */
  readonly cpuSeconds: number;
  /** Refusals since the start by error code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Reads `/metrics`. */
export async function serverFigures(api: ApiClient): Promise<ServerFigures> {
  const { body } = await api.raw('GET', '/metrics');
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1] ?? 0);
  const opened = [...body.matchAll(/^pocketproxy_flows_opened_total\{[^}]*\} (\d+)$/gm)];
  const refused = [...body.matchAll(/^pocketproxy_flows_refused_total\{code="([^"]*)"\} (\d+)$/gm)];
  return {
    flowsOpen: value('pocketproxy_flows_open'),
    flowsOpened: opened.reduce((sum, [, count]) => sum + Number(count), 0),
    devices: value('pocketproxy_tunnel_devices'),
    loopP99Ms: value('nodejs_eventloop_lag_p99_seconds') * 1_000,
    loopMaxMs: value('nodejs_eventloop_lag_max_seconds') * 1_000,
    cpuSeconds: value('process_cpu_seconds_total'),
    refused: Object.fromEntries(refused.map(([, code, count]) => [code, Number(count)])),
  };
}
