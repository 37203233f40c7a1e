/** The delay line as a process: `node main.ts <host> <port> <one-way ms> [listen port]`; prints `listening <port>`. */
import { DelayLine } from './delay-line.ts';

const [host, port, oneWayMs, listenPort] = process.argv.slice(2);
if (host === undefined || port === undefined || oneWayMs === undefined) {
  throw new TypeError('Usage: node main.ts <host> <port> <one-way ms> [listen port]');
}
const line = await DelayLine.start({
  host,
  port: Number(port),
  oneWayMs: Number(oneWayMs),
  listenPort: listenPort === undefined ? undefined : Number(listenPort),
});
process.stdout.write(`listening ${line.port}\n`);
