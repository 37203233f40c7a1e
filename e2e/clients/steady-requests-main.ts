/**
 * Asks one origin for one page again and again, by HTTP and by SOCKS5 in turn, each time with a new connection, until
 * standard input ends: `node steady-requests-main.ts <proxy as JSON> <url> <expected body>`. Prints a line of JSON with
 * what became of it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { basic, RawHttp } from './raw-http.ts';
import { type SocksProxy, socks5 } from './socks-client.ts';

/** What this program prints at its end. */
export interface SteadyReport {
  readonly requests: number;
  /** What went wrong, in words; the first few. */
  readonly failures: readonly string[];
  /** Time of a whole exchange in milliseconds, connecting included. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Load of a customer who uses the port all the time, and not a benchmark. */
const PAUSE_MS = 20;
const [proxyText = '', target = '', expected = ''] = process.argv.slice(2);
const proxy = JSON.parse(proxyText) as SocksProxy & { username: string; password: string };
const url = new URL(target);
let ending = false;
process.stdin.resume().once('end', () => {
  ending = true;
});

async function byHttp(): Promise<string> {
  const http = await RawHttp.open(proxy.port, proxy.host);
  try {
    http.send(
      `GET ${url.href} HTTP/1.1\r\nHost: ${url.host}\r\nProxy-Authorization: ${basic(proxy)}\r\nConnection: close\r\n\r\n`,
    );
    const { status } = await http.answer();
    const body = (await http.reader.rest()).toString('latin1');
    return status === 200 ? body : `${status} ${body}`;
  } finally {
    http.close();
  }
}

async function bySocks(): Promise<string> {
  const { socket, reader, reply } = await socks5(proxy, 'connect', { host: url.hostname, port: 80 });
  try {
    if (reply.code !== 0) return `reply ${reply.code}`;
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
    await reader.readTo('\r\n\r\n');
    return (await reader.rest()).toString('latin1');
  } finally {
    socket.destroy();
  }
}

const times: number[] = [];
const failures: string[] = [];
for (let count = 0; !ending; count += 1) {
  const began = performance.now();
  const body = await (count % 2 === 0 ? byHttp : bySocks)().catch((error: unknown) => String(error));
  times.push(performance.now() - began);
  if (body !== expected && failures.length < 20)
    failures.push(`${count % 2 === 0 ? 'HTTP' : 'SOCKS5'}: ${body}`);
  await delay(PAUSE_MS);
}
times.sort((a, b) => a - b);
const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
const report: SteadyReport = { requests: times.length, failures, p50: at(0.5), p99: at(0.99), max: at(1) };
console.log(JSON.stringify(report));
