import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { deviceRoute } from './device.ts';

export const deviceCommandsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'commands',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/device/commands-tab.tsx'), 'CommandsTab'),
});
