import { randomUUIDv7 } from 'node:crypto';
import { createBareApi } from './api/bare-app.ts';
import { healthRoutes, type ReadinessChecks } from './api/health-routes.ts';
import { metricsRoutes } from './api/metrics-routes.ts';
import { type AccessDependencies, composeAccess } from './compose-access.ts';
import type { Config } from './config.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';

export interface RelayStatusDependencies extends Omit<AccessDependencies, 'newId' | 'publicUrl' | 'mailer'> {
  readonly config: Pick<Config, 'httpListen' | 'publicUrl'>;
  readonly metrics: ServerMetrics;
  readonly checks: ReadinessChecks;
}

export interface RunningRelayStatus {
  /** Where it answers. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics` in a process that is only a relay, where there is no API that would.
 * @throws the system's error when the port cannot be opened
 */
export async function startRelayStatus(deps: RelayStatusDependencies): Promise<RunningRelayStatus> {
  const { config, log, metrics, checks } = deps;
  const { identity } = composeAccess({
    ...{ ...deps, newId: randomUUIDv7, publicUrl: config.publicUrl, mailer: null },
  });
  const app = createBareApi(log, identity);
  healthRoutes(app, { checks });
  metricsRoutes(app, { metrics, identity });
  const url = await app.listen({
    ...config.httpListen,
    listenTextResolver: () => 'status of the relay is up',
  });
  return { url, stop: async () => void (await app.close()) };
}
