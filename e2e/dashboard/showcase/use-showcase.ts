import { afterAll, beforeAll } from 'vitest';
import { TestServer } from '../../harness/test-server.ts';
import type { Things } from '../pages.ts';
import { type DashboardPages, usePages } from '../use-pages.ts';
import { seedShowcase } from './seed-showcase.ts';

/** A server as one in use has it, for all tests of this file, and a browser on its dashboard. */
export function useShowcase(): () => DashboardPages & { readonly things: Things } {
  let server: TestServer | undefined;
  let things: Things | undefined;
  beforeAll(async () => {
    server = await TestServer.start();
    things = await seedShowcase(server);
  });
  afterAll(async () => {
    await server?.destroy();
  });
  const pages = usePages(() => {
    if (!server) throw new Error('The server was not started');
    return server;
  });
  return () => {
    if (!things) throw new Error('The server was not filled');
    return { ...pages(), things };
  };
}
