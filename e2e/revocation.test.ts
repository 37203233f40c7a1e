import { describe, expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { type Customer, TRANSFERS, type Transfer } from './clients/transfers.ts';
import type { NewConnection } from './harness/api-client.ts';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { until, within } from './harness/until.ts';
import { useTransfers } from './harness/use-transfers.ts';
import { useWorld } from './harness/world.ts';

/** From the API's answer on. */
const ENDED_WITHIN_MS = 5_000;
const PROTOCOLS = Object.keys(TRANSFERS);

describe('access that is taken away', () => {
  const world = useWorld();
  const { start } = useTransfers(world);

  /** One download over each protocol, all of them under way. */
  async function startAll(customer: Customer): Promise<Transfer[]> {
    const transfers: Transfer[] = [];
    for (const protocol of PROTOCOLS) transfers.push(await start(customer, protocol));
    await moves(transfers);
    return transfers;
  }

  async function moves(transfers: readonly Transfer[]): Promise<void> {
    for (const transfer of transfers) {
      const { received } = transfer;
      await until('each transfer to move', () => transfer.received > received);
    }
  }

  const allEnded = (transfers: readonly Transfer[]) =>
    within('all transfers to end', ENDED_WITHIN_MS, Promise.all(transfers.map(({ ended }) => ended)));

  async function expectRefused(customer: Customer): Promise<void> {
    for (const protocol of PROTOCOLS) {
      await expect(start(customer, protocol), protocol).rejects.toThrow();
    }
  }

  const api = () => world().server.api;

  const CHANGES: Readonly<Record<string, (connection: NewConnection) => Promise<unknown>>> = {
    'because the connection is disabled': ({ id }) => api().changeConnection(id, { enabled: false }),
    'because the password is changed': ({ id }) => api().call('POST', `/connections/${id}/password`),
    'because it expires now': ({ id }) =>
      api().changeConnection(id, { expiresAt: new Date(Date.now() - 1).toISOString() }),
    'because the quota was lowered': ({ id }) => api().changeConnection(id, { quotaBytes: 1 }),
    'because the connection is deleted': ({ id }) => api().call('DELETE', `/connections/${id}`),
  };

  test.each(Object.keys(CHANGES))('%s ends live flows of every protocol', async (change) => {
    const connection = await world().connect(change);
    const bystander = await world().connect(`Not ${change}`);
    const [transfers, others] = [await startAll(connection), await startAll(bystander)];
    await CHANGES[change]!(connection);
    const changedAt = performance.now();
    await allEnded(transfers);
    tellFigure(16, `${change}: ${inMs(performance.now() - changedAt)} after the answer`);
    await expectRefused(connection);
    await moves(others);
  });

  test('because its time is over ends live flows, although nobody does anything then', async () => {
    const connection = await world().connect('Short');
    const transfers = await startAll(connection);
    const expiresAt = Date.now() + 3_000;
    await api().changeConnection(connection.id, { expiresAt: new Date(expiresAt).toISOString() });
    await within('time to pass', 3_000 + ENDED_WITHIN_MS, transfers[0]!.ended);
    expect(Date.now() - expiresAt).toBeGreaterThanOrEqual(0);
    expect(Date.now() - expiresAt).toBeLessThan(ENDED_WITHIN_MS);
    await allEnded(transfers);
    await expectRefused(connection);
  });

  test('because an address left the allowlist ends the flows that it let in, and no others', async () => {
    const connection = await world().connect('Listed', { allowlist: ['127.0.0.1', '198.51.100.0/24'] });
    const listed = await startAll({ ...connection, password: null });
    await api().changeConnection(connection.id, { allowlist: ['127.0.0.1'] });
    await moves(listed);
    await api().changeConnection(connection.id, { allowlist: ['198.51.100.0/24'] });
    await allEnded(listed);
    await expectRefused({ ...connection, password: null });
    const byPassword = await startAll(connection);
    await api().changeConnection(connection.id, { allowlist: [] });
    await moves(byPassword);
  });

  test('leaves a client that sends the new password on the same HTTP connection', async () => {
    const connection = await world().connect('Changes its mind');
    const client = await RawHttp.open(connection.port);
    const { host } = new URL(world().origin.url());
    const ask = async (password: string): Promise<number> => {
      const authorization = basic({ username: connection.username, password });
      client.send(`GET ${world().origin.url('/bytes/10')} HTTP/1.1\r\nHost: ${host}\r\n`);
      client.send(`Proxy-Authorization: ${authorization}\r\n\r\n`);
      const { status, head } = await client.answer();
      await client.reader.read(Number(/^content-length: (\d+)/im.exec(head)?.[1]));
      return status;
    };
    expect(await ask(connection.password)).toBe(200);
    const changed = await api().call<{ password: string }>('POST', `/connections/${connection.id}/password`);
    expect(await ask(connection.password)).toBe(407);
    expect(await ask(changed.password)).toBe(200);
    client.close();
  });
});
