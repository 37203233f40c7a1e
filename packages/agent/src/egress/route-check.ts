import { z } from 'zod';
import type { IpCommand } from './ip-command.ts';
import { endsWithRefusal, hasOtherWayOut, readRoutingTables } from './routing-tables.ts';

/** Well-known public addresses, of which only the route is asked for: nothing is sent to them. */
const PUBLIC = { 4: '1.1.1.1', 6: '2606:4700:4700::1111' } as const;
const answerSchema = z.array(z.object({ dev: z.string().optional() })).min(1);

/**
 * Asks the kernel which way traffic from `address` would take. Answers `null` when it leaves by `device` and nothing
 * takes over when the device goes down; otherwise what is wrong.
 */
export async function routeProblem(
  ip: IpCommand,
  device: string,
  family: 4 | 6,
  address: string,
): Promise<string | null> {
  const taken = await deviceOfRoute(ip, family, address);
  if (taken === null) return `there is no route for traffic from ${address}`;
  if (taken !== device) return `traffic from ${address} would leave by ${taken}`;
  const tables = await readRoutingTables(ip, family);
  if (!endsWithRefusal(tables, address) && hasOtherWayOut(tables, device)) {
    return `traffic from ${address} would leave by another interface when ${device} goes down`;
  }
  return null;
}

async function deviceOfRoute(ip: IpCommand, family: 4 | 6, address: string): Promise<string | null> {
  try {
    const answer = await ip.read([`-${family}`, 'route', 'get', PUBLIC[family], 'from', address]);
    return answerSchema.parse(answer)[0]?.dev ?? null;
  } catch {
    // The kernel's answer "unreachable" is an error of the command.
    return null;
  }
}
