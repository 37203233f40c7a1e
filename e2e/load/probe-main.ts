/**
 * Loaded into a process that is watched (`node --expose-gc --import`): tells on the Unix socket `LOAD_PROBE_SOCKET` how much
 * memory is in use once everything that nobody needs is gone.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';

/** Where V8 keeps what it compiled, and the tables that belong to it. */
const CODE_SPACES = /^(code|trusted)_/;

const path = process.env.LOAD_PROBE_SOCKET;
// Programs that this one starts must not take the socket over.
delete process.env.LOAD_PROBE_SOCKET;
delete process.env.NODE_OPTIONS;

if (path !== undefined) {
  const server = createServer(async (_request, response) => {
    // What finalizers let go of is found by the next collection.
    for (let turn = 0; turn < 3; turn += 1) {
      globalThis.gc?.();
      await setImmediate();
    }
    const code = getHeapSpaceStatistics()
      .filter(({ space_name }) => CODE_SPACES.test(space_name))
      .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
    response.setHeader('connection', 'close').end(JSON.stringify({ ...process.memoryUsage(), code }));
  });
  // A process that was killed leaves its socket behind.
  await rm(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  server.unref();
}
