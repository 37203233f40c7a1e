/**
 * The delay line as a process: `node main.ts <host> <port> <one-way ms> [listen port, 0 for any] [bytes a millisecond]`; prints
 * `listening <port>`.
 */
import { DelayLine } from './delay-line.ts';

const [host, port, oneWayMs, listenPort, bytesPerMs] = process.argv.slice(2);
if (host === undefined || port === undefined || oneWayMs === undefined) {
  throw new TypeError('Usage: node main.ts <host> <port> <one-way ms> [listen port] [bytes a millisecond]');
}
const line = await DelayLine.start({
  host,
  port: Number(port),
  oneWayMs: Number(oneWayMs),
  bytesPerMs: bytesPerMs === undefined ? undefined : Number(bytesPerMs),
  listenPort: listenPort === undefined ? undefined : Number(listenPort),
});
process.stdout.write(`listening ${line.port}\n`);
