import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rangeSearchSchema } from '#components/charts/range-search.ts';
import { deviceRoute } from './device.ts';

export const deviceMetricsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'metrics',
  validateSearch: rangeSearchSchema,
  component: lazyRouteComponent(() => import('#features/device/metrics-tab.tsx'), 'MetricsTab'),
});
