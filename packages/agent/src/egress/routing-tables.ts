import { z } from 'zod';
import type { IpCommand } from './ip-command.ts';

const ruleSchema = z.object({
  priority: z.number(),
  /** An address or network, or `all`. */
  src: z.string(),
  srclen: z.number().optional(),
  table: z.string().optional(),
});
export type Rule = z.infer<typeof ruleSchema>;

const routeSchema = z.object({
  dst: z.string(),
  /** `unicast` when left out. */
  type: z.string().optional(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  metric: z.number().optional(),
  /** `main` when left out. */
  table: z.string().optional(),
  nexthops: z.array(z.object({ gateway: z.string().optional(), dev: z.string().optional() })).optional(),
});
export type Route = z.infer<typeof routeSchema>;

/** Rules and routes of one IP version, as they are now. */
export interface RoutingTables {
  readonly family: 4 | 6;
  readonly rules: readonly Rule[];
  readonly routes: readonly Route[];
}

/** @throws {IpCommandError} */
export async function readRoutingTables(ip: IpCommand, family: 4 | 6): Promise<RoutingTables> {
  const [rules, routes] = await Promise.all([
    ip.read([`-${family}`, 'rule', 'show']),
    ip.read([`-${family}`, 'route', 'show', 'table', 'all']),
  ]);
  return { family, rules: z.array(ruleSchema).parse(rules), routes: z.array(routeSchema).parse(routes) };
}

/** How to leave by an interface: a gateway, or `null` when every destination is on the link. */
export interface NextHop {
  readonly gateway: string | null;
}

/** The next hop of the default route of `device` that the system prefers, in any table but `exceptTable`. */
export function defaultNextHop(tables: RoutingTables, device: string, exceptTable: string): NextHop | null {
  const hops = defaultRoutes(tables)
    .filter((route) => route.table !== exceptTable)
    .flatMap((route) =>
      (route.nexthops ?? [route])
        .filter((hop) => hop.dev === device)
        .map((hop) => ({ gateway: hop.gateway ?? null, metric: route.metric ?? 0 })),
    )
    .sort((a, b) => a.metric - b.metric);
  return hops[0] ?? null;
}

/** Whether the system has a default route by another interface, which would take over from `device`. */
export function hasOtherWayOut(tables: RoutingTables, device: string): boolean {
  return defaultRoutes(tables).some((route) => (route.nexthops ?? [route]).some((hop) => hop.dev !== device));
}

/** Whether traffic from `address` is looked up in a table that ends with a refusal, so that nothing takes over. */
export function endsWithRefusal(tables: RoutingTables, address: string): boolean {
  return tables.rules.some(
    (rule) =>
      rule.src === address &&
      rule.srclen === undefined &&
      tables.routes.some(
        (route) => route.table === rule.table && route.dst === 'default' && isRefusal(route),
      ),
  );
}

/** One destination and how `device` reaches it. */
export interface DeviceRoute {
  readonly destination: string;
  /** `null`: on the link. */
  readonly gateway: string | null;
}

/** What the main table reaches by `device`, the default route aside: its own network, and what was added by hand. */
export function networksOf({ routes }: RoutingTables, device: string): readonly DeviceRoute[] {
  return routes
    .filter((route) => route.table === undefined && route.dev === device && isPlain(route))
    .filter((route) => route.dst !== 'default')
    .map(toDeviceRoute);
}

/** What `table` reaches by `device`. */
export function routesOf({ routes }: RoutingTables, device: string, table: string): readonly DeviceRoute[] {
  return routes
    .filter((route) => route.table === table && route.dev === device && isPlain(route))
    .map(toDeviceRoute);
}

function toDeviceRoute({ dst, gateway }: Route): DeviceRoute {
  return { destination: dst, gateway: gateway ?? null };
}

function isPlain({ type }: Route): boolean {
  return type === undefined || type === 'unicast';
}

function defaultRoutes(tables: RoutingTables): readonly Route[] {
  return tables.routes.filter((route) => route.dst === 'default' && !isRefusal(route));
}

function isRefusal({ type }: Route): boolean {
  return type === 'unreachable' || type === 'blackhole' || type === 'prohibit';
}
