import { createRouter } from '@tanstack/react-router';
import { parseSearch, stringifySearch } from '#lib/search-params.ts';
import { apiRoute } from './routes/api.ts';
import { auditLogRoute } from './routes/audit-log.ts';
import { connectionRoute } from './routes/connection.ts';
import { connectionsRoute } from './routes/connections.ts';
import { deviceRoute } from './routes/device.ts';
import { deviceCommandsRoute } from './routes/device-commands.ts';
import { deviceConnectionsRoute } from './routes/device-connections.ts';
import { deviceIndexRoute } from './routes/device-index.ts';
import { deviceMetricsRoute } from './routes/device-metrics.ts';
import { deviceRotationRoute } from './routes/device-rotation.ts';
import { deviceSettingsRoute } from './routes/device-settings.ts';
import { deviceUsageRoute } from './routes/device-usage.ts';
import { devicesRoute } from './routes/devices.ts';
import { invitationRoute } from './routes/invitation.ts';
import { linksRoute } from './routes/links.ts';
import { notificationsRoute } from './routes/notifications.ts';
import { overviewRoute } from './routes/overview.ts';
import { rootRoute } from './routes/root.ts';
import { settingsRoute } from './routes/settings.ts';
import { settingsAccountRoute } from './routes/settings-account.ts';
import { settingsPreferencesRoute } from './routes/settings-preferences.ts';
import { settingsServerRoute } from './routes/settings-server.ts';
import { shellRoute } from './routes/shell.ts';
import { signInRoute } from './routes/sign-in.ts';
import { teamRoute } from './routes/team.ts';
import { teamApiKeysRoute } from './routes/team-api-keys.ts';
import { teamCustomersRoute } from './routes/team-customers.ts';
import { teamInvitationsRoute } from './routes/team-invitations.ts';
import { teamPeopleRoute } from './routes/team-people.ts';
import { unknownRoute } from './routes/unknown.ts';

const routeTree = rootRoute.addChildren([
  signInRoute,
  invitationRoute,
  shellRoute.addChildren([
    overviewRoute,
    devicesRoute,
    deviceRoute.addChildren([
      deviceIndexRoute,
      deviceConnectionsRoute,
      deviceRotationRoute,
      deviceMetricsRoute,
      deviceUsageRoute,
      deviceCommandsRoute,
      deviceSettingsRoute,
    ]),
    connectionsRoute,
    connectionRoute,
    linksRoute,
    notificationsRoute,
    teamRoute,
    teamPeopleRoute,
    teamInvitationsRoute,
    teamCustomersRoute,
    teamApiKeysRoute,
    settingsRoute,
    settingsAccountRoute,
    settingsPreferencesRoute,
    settingsServerRoute,
    auditLogRoute,
    apiRoute,
    unknownRoute,
  ]),
]);

/** Every page and where it is. */
export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
  scrollToTopSelectors: ['#main'],
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
