import { join } from 'node:path';
import { missingPrograms } from '../../e2e/harness/programs.ts';
import type { LabWorld } from '../../e2e/lab/lab-world.ts';
import { VPN_UNAVAILABLE, VpnClient } from '../../e2e/lab/vpn-client.ts';
import { interleave } from '../measure/rounds.ts';
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import type { Effort } from '../options.ts';
import type { Figure } from '../report/figure.ts';
import { inVpnLab } from '../vpn/bench-lab.ts';
import { startPlainOpenVpn } from '../vpn/plain-openvpn.ts';
import type { Bench } from './bench.ts';

const ORIGIN = join(import.meta.dirname, '../vpn/origin-main.ts');
const PORT = 80;
/** One origin; which address is asked for decides the way. */
const DESTINATIONS = { ours: '11.22.33.90', plain: '11.22.33.91' } as const;
const MEGABIT_BYTES = 125_000;
const AT_LEAST = 0.8;
const LONGEST_MS = 300_000;

/** One direction with one number of flows. */
export interface VpnPlan {
  readonly id: string;
  readonly direction: 'download' | 'upload';
  readonly flows: number;
}

export const VPN_PLANS: readonly VpnPlan[] = [1, 8].flatMap((flows) => [
  { id: `vpn-down-${flows}`, direction: 'download', flows } as const,
  { id: `vpn-up-${flows}`, direction: 'upload', flows } as const,
]);

/**
 * A client of ours against one of plain OpenVPN with masquerade, which has neither relay nor phone: in one lab, from
 * the same customer to the same origin. Nothing where there is no lab.
 */
export async function measureVpn({ effort, started }: Bench): Promise<readonly Figure[]> {
  if (VPN_UNAVAILABLE !== null || missingPrograms('openssl').length > 0) return [];
  return await inVpnLab(started, (world) => measure(world, effort));
}

async function measure(world: LabWorld, effort: Effort): Promise<readonly Figure[]> {
  const { internet, customer } = world.lab.hosts;
  for (const address of Object.values(DESTINATIONS)) {
    await internet.ip(`addr add ${address}/32 dev lo`);
    const origin = internet.spawn([process.execPath, ORIGIN, address, String(PORT)], { name: 'bulk origin' });
    await origin.log.waitFor(/^ready$/);
  }
  await startPlainOpenVpn(world.lab, DESTINATIONS.plain);
  const client = await VpnClient.start(customer, world.connection.ovpn!, null);
  await client.connected();
  const figures: Figure[] = [];
  for (const plan of VPN_PLANS) figures.push(await measurePlan(world, plan, effort));
  return figures;
}

async function measurePlan(world: LabWorld, plan: VpnPlan, effort: Effort): Promise<Figure> {
  const ways = [DESTINATIONS.ours, DESTINATIONS.plain].map(
    (address) => () => transfer(world, plan, address, effort.bulkBytes),
  );
  const [ours, plain] = await interleave(effort.rounds, ways);
  const ratio = pairedRatios(ours!, plain!);
  return {
    id: plan.id,
    title: `OpenVPN, ${plan.flows === 1 ? '1 flow' : `${plan.flows} flows`}, ${plan.direction}`,
    unit: 'Mbit/s',
    costUnit: null,
    ours: { name: 'PocketProxy', value: spreadOf(ours!), cpu: null },
    peer: { name: 'plain OpenVPN', value: spreadOf(plain!), cpu: null },
    ratio,
    relayCpuRatio: null,
    target: { text: `>= ${AT_LEAST}x`, ofPeer: AT_LEAST, met: ratio.median >= AT_LEAST },
    direct: null,
  };
}

/** Mbit/s of all flows together. */
async function transfer(
  world: LabWorld,
  { direction, flows }: VpnPlan,
  address: string,
  bytes: number,
): Promise<number> {
  const each = String(Math.trunc(bytes / flows));
  const one =
    direction === 'download'
      ? 'curl -sS --fail -o /dev/null "http://$1/$2"'
      : 'head -c "$2" /dev/zero | curl -sS --fail -o /dev/null -T - "http://$1/up"';
  const script = `set -e; for i in $(seq "$3"); do (${one}) & pids="$pids $!"; done; for p in $pids; do wait $p; done`;
  const began = performance.now();
  await world.lab.hosts.customer.run(['sh', '-c', script, 'sh', address, each, String(flows)], {
    withinMs: LONGEST_MS,
  });
  return bytes / MEGABIT_BYTES / ((performance.now() - began) / 1000);
}
