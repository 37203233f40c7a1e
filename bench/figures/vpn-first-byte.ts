import type { LabWorld } from '../../e2e/lab/lab-world.ts';
import { PLAN } from '../../e2e/lab/network-plan.ts';
import { VPN_UNAVAILABLE, VpnClient } from '../../e2e/lab/vpn-client.ts';
import { LoadGenerator } from '../load/load-generator.ts';
import { interleave } from '../measure/rounds.ts';
import { type Contender, type Sample, takeSample } from '../measure/sample.ts';
import type { Effort } from '../options.ts';
import type { Figure } from '../report/figure.ts';
import { inVpnLab } from '../vpn/bench-lab.ts';
import type { Bench } from './bench.ts';
import { addedFigures } from './first-byte.ts';

/** One origin; which address is asked for decides the way. */
const DESTINATIONS = { vpn: '11.22.33.90', direct: '11.22.33.92' } as const;
/** The customer's router in the lab. */
const GATEWAY = '13.57.9.1';
const PAUSE_MS = 4;

/**
 * How much later the first byte comes through OpenVPN than without it, beside the proxy port of the same connection:
 * in one lab, from one customer, in turn. Nothing where there is no lab.
 */
export async function measureVpnFirstByte({ effort, started }: Bench): Promise<readonly Figure[]> {
  if (VPN_UNAVAILABLE !== null) return [];
  return await inVpnLab(started, (world) => measure(world, effort));
}

async function measure(world: LabWorld, effort: Effort): Promise<readonly Figure[]> {
  const { lab, connection } = world;
  const { internet, customer } = lab.hosts;
  for (const address of Object.values(DESTINATIONS)) await internet.ip(`addr add ${address}/32 dev lo`);
  const load = await LoadGenerator.start({
    client: customer,
    server: internet,
    originHost: DESTINATIONS.vpn,
  });
  const client = await VpnClient.start(customer, connection.ovpn!, null);
  await client.connected();
  await customer.ip(`route add ${DESTINATIONS.direct}/32 via ${GATEWAY}`);

  const straightTo = (host: string): Contender => ({
    ...{ peer: null, route: { via: 'direct', host, port: load.originPort } },
  });
  const { username, password, port } = connection;
  const ways = {
    direct: straightTo(DESTINATIONS.direct),
    vpn: straightTo(DESTINATIONS.vpn),
    port: {
      ...{ peer: null, route: { via: 'http', host: PLAN.vps.ip4, port, login: { username, password } } },
    } satisfies Contender,
  };
  const plan = { kind: 'first-byte', flows: effort.firstByteFlows, pauseMs: PAUSE_MS } as const;
  const samples = await interleave<Sample>(
    effort.rounds,
    [ways.direct, ways.vpn, ways.port].map((way) => () => takeSample(load, plan, way)),
  );
  const [direct, vpn, proxy] = samples;
  return addedFigures({
    ...{ id: 'vpn-first-byte', title: 'added time to first byte, OpenVPN, idle' },
    ours: { name: 'PocketProxy', samples: vpn! },
    peer: { name: 'its proxy port', samples: proxy! },
    bare: direct!,
  });
}
