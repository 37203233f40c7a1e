import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManyAgents } from './harness/many-agents.ts';
import { openServerDatabase } from './harness/server-database.ts';
import { ADMIN, TestServer } from './harness/test-server.ts';
import { until, within } from './harness/until.ts';

/** More than the server keeps connections to its database for. */
const PHONES = 24;
const MANY_WAITING = 8;
const ANSWER_WITHIN_MS = 5_000;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(async () => {
  await server?.destroy();
});

test('people sign in and change connections while more writes about phones wait than there are connections', async () => {
  const agents = await ManyAgents.start(server, 'Phone', PHONES);
  const [holder, watcher] = [openServerDatabase(server), openServerDatabase(server)];
  try {
    const { id } = await server.api.createConnection({ deviceId: agents.devices[0]!.id, name: 'First' });
    await holder.begin(async (tx) => {
      // From now on each phone that leaves waits for this transaction, and keeps a connection meanwhile.
      await tx`select id from devices order by id for no key update`;
      await agents.destroy();
      await until('writes about phones to wait', async () => {
        const [row] =
          await watcher`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
        return row!.n >= MANY_WAITING;
      });
      await within('the login', ANSWER_WITHIN_MS, server.api.login(ADMIN.email, ADMIN.password));
      const change = server.api.changeConnection(id, { enabled: false });
      await within('the change to be applied', ANSWER_WITHIN_MS, change);
    });
    expect((await server.api.connection(id)).enabled).toBe(false);
    await until('the phones to be told of as lost', async () =>
      (await server.api.devices()).every(({ status }) => status !== 'online'),
    );
  } finally {
    await Promise.all([agents.destroy(), holder.end(), watcher.end()]);
  }
});
