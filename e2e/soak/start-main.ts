/**
 * Measures how long a server takes to listen when many phones and connections are stored, after SIGTERM and after kill -9:
 * `node e2e/soak/start-main.ts --connections 2500 --rounds 5 --peer ../older-clone`. With a peer, both take turns on one machine.
 * Prints each start, then medians and worst values.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../harness/free-ports.ts';
import { type Start, StoredServer } from './stored-server.ts';

const ROOT = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2500' },
    'first-port': { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    peer: { type: 'string' },
  },
});
const numbers = [values.connections, values.rounds, values['first-port']].map(Number);
if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0))
  throw new RangeError('--connections, --rounds and --first-port: expected whole numbers above 0');
const [connections, rounds, firstProxy] = numbers as [number, number, number];

const trees = values.peer === undefined ? { here: ROOT } : { peer: resolve(values.peer), here: ROOT };
const starts = new Map<string, Start[]>();
const servers: [string, StoredServer][] = [];
const folder = await mkdtemp(join(tmpdir(), 'pp-starts-'));
try {
  // One runs at a time, so that they do not disturb each other and may have the same ports.
  const ports = { http: await freePort(), tunnel: await freePort() };
  for (const [name, root] of Object.entries(trees)) {
    const dataDir = join(folder, name);
    servers.push([name, await StoredServer.create({ root, dataDir, ports, firstProxy, connections })]);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const [name, server] of servers) {
        const start = await server.start();
        await server.end(signal === 'SIGTERM' ? 'SIGKILL' : 'SIGTERM');
        console.log(`${name} after ${signal}: ${JSON.stringify(start)}`);
        const key = `${name} after ${signal}`;
        starts.set(key, [...(starts.get(key) ?? []), start]);
      }
    }
  }
} finally {
  for (const [, server] of servers) await server.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const [key, of] of starts) console.log(`${key}, median (worst) of ${of.length}: ${summary(of)}`);

function summary(of: readonly Start[]): string {
  const names = Object.keys(of[0]!) as (keyof Start)[];
  return names
    .map((name) => {
      const sorted = of.map((start) => start[name]).sort((a, b) => a - b);
      return `${name} ${sorted[sorted.length >> 1]} (${sorted.at(-1)})`;
    })
    .join(', ');
}
