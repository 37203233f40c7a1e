/** An egress by `rmnet0` that does what lines on standard input say, and answers each with one line. */

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import { createLogger, RealClock } from '@pocketproxy/runtime';
import { PolicyRoutes } from '../interface-routes.ts';
import { RealIpCommand } from '../ip-command.ts';
import { SsKernelSockets } from '../kernel-sockets.ts';
import { LinuxInterfacePath } from '../linux-interface.ts';
import { PolicyRoute } from '../policy-route.ts';
import { IpRouteMonitor } from '../route-monitor.ts';
import { makeEgress } from './egress-fixture.ts';

const [privileged, dnsServer = ''] = process.argv.slice(2);
const clock = new RealClock();
const log = createLogger({ level: process.env.LAB_LOG ?? 'silent' });
const ip = new RealIpCommand();
const device = 'rmnet0';
const path = new LinuxInterfacePath({
  device,
  purpose: 'egress',
  routes: new PolicyRoutes({
    device,
    ip,
    route: new PolicyRoute({ ip, device, purpose: 'egress', gateways: [] }),
    sockets: new SsKernelSockets(),
    privileged: privileged === 'privileged',
    lenient: false,
    clock,
    log,
  }),
  monitor: new IpRouteMonitor({ clock, log }),
  clock,
  log,
});
const egress = makeEgress({ path, dnsServers: [dnsServer], clock, log });
const flows: Socket[] = [];
const datagrams: UdpDatagram[] = [];
let association: ReturnType<typeof egress.openUdp> | null = null;

interface Request {
  readonly do: 'state' | 'connect' | 'write' | 'openUdp' | 'send' | 'received' | 'flows' | 'close';
  readonly host?: string;
  readonly bytes?: number;
}

async function answer(request: Request): Promise<object> {
  const destination = { host: request.host ?? '', port: 8080 };
  switch (request.do) {
    case 'state':
      return egress.state();
    case 'connect':
      flows.push(await egress.connect(destination, { allowPrivate: false }));
      return { from: flows.at(-1)?.localAddress };
    case 'write':
      flows.at(-1)?.write(Buffer.alloc(request.bytes ?? 1));
      return {};
    case 'flows':
      return { open: flows.filter((flow) => !flow.destroyed).length };
    case 'openUdp':
      association = egress.openUdp({ allowPrivate: false }, (datagram) => datagrams.push(datagram));
      return {};
    case 'send':
      association?.send({ ...destination, data: new Uint8Array(8) });
      return {};
    case 'received':
      return { count: datagrams.length };
    case 'close':
      await egress.close();
      return {};
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await answer(JSON.parse(line)).catch((error: unknown) => {
    if (!(error instanceof FlowError)) throw error;
    return { code: error.code, detail: error.detail };
  });
  console.log(JSON.stringify(result));
}
process.exit(0);
