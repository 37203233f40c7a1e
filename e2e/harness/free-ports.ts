import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * All of it is below what Linux and macOS hand out for outgoing connections, so that none of those takes a port that a test was
 * told is free. Single ports lie beside the ranges, which a server opens one by one.
 */
const SINGLE = { first: 10_000, count: 4_000 };
const RANGES = { first: 14_000, count: 18_000 };

/** Workers that run side by side choose from parts of their own. */
const PARTS = 8;
const PART = Number(process.env.VITEST_POOL_ID ?? 0) % PARTS;

const ATTEMPTS = 50;
const given = new Set<number>();

/** A TCP port of this machine that is free now and was not given before; no outgoing connection has it. */
export async function freePort(): Promise<number> {
  return await freePortsIn(SINGLE, 1);
}

/** First port of `count` neighbours that are all free now. */
export async function freePortRange(count: number): Promise<number> {
  return await freePortsIn(RANGES, count);
}

async function freePortsIn(all: { first: number; count: number }, count: number): Promise<number> {
  const size = all.count / PARTS;
  const from = all.first + PART * size;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = randomInt(from, from + size - count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (ports.some((port) => given.has(port))) continue;
    const free = await Promise.all(ports.map(isFree));
    if (!free.every(Boolean)) continue;
    for (const port of ports) given.add(port);
    return first;
  }
  throw new Error(`Found no ${count} free ports in a row`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const outcome = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('listening', () => server.close(() => resolve(true)));
  });
  server.listen(port, '127.0.0.1');
  return await outcome;
}
