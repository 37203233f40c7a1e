import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { deviceRoute } from './device.ts';

const search = z.object({
  /** Shown by hour; today when left out. */
  day: z.iso.date().optional().catch(undefined),
  /** Shown by day, such as `2026-11`; this one when left out. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .catch(undefined),
});

export const deviceUsageRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'usage',
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/device/usage-tab.tsx'), 'UsageTab'),
});
