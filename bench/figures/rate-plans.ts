import type { Effort } from '../options.ts';
import type { RatePlan } from './rates.ts';

const CLIENTS = 64;
const MEGABIT_BYTES = 125_000;
const GIGABYTE = 1e9;

/** The figures that are rates, with the targets that hold against OpenSSH. */
export function ratePlans(effort: Effort): RatePlan[] {
  const { warmUpMs, countedMs, bulkBytes } = effort;
  return [
    {
      job: { kind: 'flows', clients: CLIENTS, warmUpMs, countedMs },
      unit: 'flows/s',
      unitSize: 1,
      costUnit: '10k flows',
      costUnitSize: 10_000,
      lines: [
        { id: 'flows-socks5', title: 'new flows, SOCKS5, 64 clients', via: 'socks5', atLeast: 1.5 },
        { id: 'flows-http', title: 'new flows, HTTP CONNECT, 64 clients', via: 'http', atLeast: 1.5 },
      ],
    },
    {
      job: { kind: 'requests', clients: CLIENTS, warmUpMs, countedMs },
      unit: 'req/s',
      unitSize: 1,
      costUnit: '100k req',
      costUnitSize: 100_000,
      lines: [{ id: 'requests', title: 'keep-alive requests, 64 clients', via: 'socks5', atLeast: 1.8 }],
    },
    bulk('bulk-1-down', 'bulk, 1 flow, download', 'down', 1, bulkBytes),
    bulk('bulk-1-up', 'bulk, 1 flow, upload', 'up', 1, bulkBytes),
    bulk('bulk-8-down', 'bulk, 8 flows, download', 'down', 8, bulkBytes),
    bulk('bulk-8-up', 'bulk, 8 flows, upload', 'up', 8, bulkBytes),
  ];
}

function bulk(id: string, title: string, direction: 'down' | 'up', flows: number, bytes: number): RatePlan {
  const targets = flows === 1 ? { atLeast: 1, relayCpuAtMost: 0.8 } : { atLeast: 1.1 };
  return {
    job: { kind: 'bulk', direction, flows, bytesPerFlow: Math.floor(bytes / flows) },
    unit: 'Mbit/s',
    unitSize: MEGABIT_BYTES,
    costUnit: 'GB',
    costUnitSize: GIGABYTE,
    lines: [{ id, title, via: 'socks5', ...targets }],
  };
}
