import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { Logger } from '@pocketproxy/runtime';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AuditLog } from '../services/audit.ts';
import type { Stats } from '../services/stats.ts';
import { type AccountRoutesOptions, accountRoutes } from './account-routes.ts';
import type { Api } from './api.ts';
import { type ApiKeyRoutesOptions, apiKeyRoutes } from './api-key-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { keepAuditTrail } from './audit-trail.ts';
import { type AuthRoutesOptions, authRoutes } from './auth-routes.ts';
import { type BandwidthRoutesOptions, bandwidthRoutes } from './bandwidth-routes.ts';
import { createBareApi } from './bare-app.ts';
import { type CommandRoutesOptions, commandRoutes } from './command-routes.ts';
import { type ConnectionRoutesOptions, connectionRoutes } from './connection-routes.ts';
import { type DashboardOptions, dashboardFiles } from './dashboard-files.ts';
import { type DeviceRoutesOptions, deviceRoutes } from './device-routes.ts';
import { type DeviceSampleRoutesOptions, deviceSampleRoutes } from './device-sample-routes.ts';
import { docsPage } from './docs-page.ts';
import { healthRoutes, type ReadinessChecks } from './health-routes.ts';
import { type InvitationRoutesOptions, invitationRoutes } from './invitation-routes.ts';
import { endRefusedUpgrades, type LiveRoutesOptions, liveRoutes } from './live-routes.ts';
import { type MetricsRoutesOptions, metricsRoutes } from './metrics-routes.ts';
import { type NotificationRoutesOptions, notificationRoutes } from './notification-routes.ts';
import { type OrganizationRoutesOptions, organizationRoutes } from './organization-routes.ts';
import { type PairingCodeRoutesOptions, pairingCodeRoutes } from './pairing-code-routes.ts';
import { rotationLinkPage } from './rotation-link-page.ts';
import { type RotationLinkRoutesOptions, rotationLinkRoutes } from './rotation-link-routes.ts';
import { type RotationRoutesOptions, rotationRoutes } from './rotation-routes.ts';
import { type ServerRoutesOptions, serverRoutes } from './server-routes.ts';
import { describeApi } from './specification.ts';
import { statsRoutes } from './stats-routes.ts';
import { type UptimeRoutesOptions, uptimeRoutes } from './uptime-routes.ts';
import { type UserRoutesOptions, userRoutes } from './user-routes.ts';

/** Everything that routes call. */
export interface ApiOptions
  extends AccountRoutesOptions,
    ApiKeyRoutesOptions,
    AuthRoutesOptions,
    BandwidthRoutesOptions,
    InvitationRoutesOptions,
    OrganizationRoutesOptions,
    UserRoutesOptions,
    CommandRoutesOptions,
    ConnectionRoutesOptions,
    DashboardOptions,
    DeviceRoutesOptions,
    DeviceSampleRoutesOptions,
    Omit<LiveRoutesOptions, 'identity'>,
    Omit<MetricsRoutesOptions, 'identity'>,
    NotificationRoutesOptions,
    PairingCodeRoutesOptions,
    RotationRoutesOptions,
    RotationLinkRoutesOptions,
    ServerRoutesOptions,
    UptimeRoutesOptions {
  readonly auditLog: AuditLog;
  readonly stats: Stats;
  readonly checks: ReadinessChecks;
  readonly log: Logger;
  /** As clients reach us; goes into the specification. */
  readonly publicUrl: string;
}

/** The HTTP application of the control role; it does not listen yet. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const app = createBareApi(options.log, options.identity);
  acceptEmptyJson(app);
  endRefusedUpgrades(app);
  keepAuditTrail(app, options.auditLog);
  await app.register(helmet, {
    // Behind plain HTTP, as on a first start, neither would let a page load.
    strictTransportSecurity: options.publicUrl.startsWith('https:'),
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  });
  await app.register(rateLimit, { global: false });
  await describeApi(app, options.publicUrl);
  healthRoutes(app, options);
  metricsRoutes(app, options);
  rotationLinkPage(app, options);
  await app.register(async (v1) => declareRoutes(v1.withTypeProvider<ZodTypeProvider>(), options), {
    prefix: '/api/v1',
  });
  await dashboardFiles(app, options);
  return app;
}

async function declareRoutes(app: Api, options: ApiOptions): Promise<void> {
  authRoutes(app, options);
  accountRoutes(app, options);
  userRoutes(app, options);
  invitationRoutes(app, options);
  organizationRoutes(app, options);
  apiKeyRoutes(app, options);
  auditRoutes(app, options);
  pairingCodeRoutes(app, options);
  deviceRoutes(app, options);
  uptimeRoutes(app, options);
  deviceSampleRoutes(app, options);
  connectionRoutes(app, options);
  bandwidthRoutes(app, options);
  commandRoutes(app, options);
  rotationRoutes(app, options);
  rotationLinkRoutes(app, options);
  notificationRoutes(app, options);
  statsRoutes(app, options);
  serverRoutes(app, options);
  await liveRoutes(app, options);
  docsPage(app);
  const hidden = { config: { permission: 'public' }, schema: { hide: true } } as const;
  app.get('/openapi.json', hidden, () => app.swagger());
}

/** Clients send `Content-Type: application/json` also with nothing to say. */
function acceptEmptyJson(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
}
