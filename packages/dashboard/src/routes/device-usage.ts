import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rangeSearchSchema } from '#components/charts/range-search.ts';
import { deviceRoute } from './device.ts';

export const deviceUsageRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'usage',
  validateSearch: rangeSearchSchema,
  component: lazyRouteComponent(() => import('#features/device/usage-tab.tsx'), 'UsageTab'),
});
