import { useWorld, type World, type WorldOptions } from '../harness/world.ts';
import { type DashboardPages, usePages } from './use-pages.ts';

export interface Dashboard extends DashboardPages {
  readonly world: World;
}

/** A world and a browser for all tests of this file. */
export function useDashboard(options: WorldOptions = {}): () => Dashboard {
  const world = useWorld(options);
  const pages = usePages(() => world().server);
  return () => ({ world: world(), ...pages() });
}
