/**
 * Canaries on a host of the lab: `node canary-main.ts <port>...`. Each listens on all addresses of both families, and
 * every touch is printed as `touched <port>`.
 */
import { Canary } from './canary.ts';

for (const port of process.argv.slice(2).map(Number)) {
  const canary = await Canary.start('::', port, () => process.stdout.write(`touched ${port}\n`));
  process.stdout.write(`watching ${canary.port}\n`);
}
process.stdout.write('ready\n');
