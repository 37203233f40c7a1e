import { describe, expect, test } from 'vitest';
import { RawHttp } from './clients/raw-http.ts';
import { TRANSFERS, type Transfer } from './clients/transfers.ts';
import { getThrough, openTunnel } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { tellFigure } from './harness/tell-figure.ts';
import { until, within } from './harness/until.ts';
import { useTransfers } from './harness/use-transfers.ts';
import { useWorld } from './harness/world.ts';

const MEGABIT = 125_000;
const MIB = 1024 * 1024;
/** How soon a change must be in effect on live flows. */
const IN_EFFECT_MS = 5_000;

describe('a limit', () => {
  const world = useWorld();
  const { start, add, web } = useTransfers(world);

  /** Mbit/s at which `transfers` together receive the next `bytes`, after the first `skip`. */
  async function speedOf(transfers: readonly Transfer[], bytes: number, skip: number): Promise<number> {
    const total = () => transfers.reduce((sum, { received }) => sum + received, 0);
    const begin = total();
    await until('the burst to be over', () => total() >= begin + skip, 30_000);
    const [from, at] = [total(), performance.now()];
    await until('the transfer to go on', () => total() >= from + bytes, 60_000);
    return ((total() - from) * 8) / 1000 / (performance.now() - at);
  }

  describe('of speed', () => {
    test('holds over every protocol, for each connection by itself', async () => {
      const holds = Object.keys(TRANSFERS).map(async (protocol) => {
        const connection = await world().connect(`20 Mbit/s over ${protocol}`, { speedLimitMbps: 20 });
        const mbps = await speedOf([await start(connection, protocol)], 6 * MIB, MIB);
        expect(mbps, protocol).toBeLessThan(20 * 1.05);
        // Datagrams that are lost are asked for again after a while only.
        expect(mbps, protocol).toBeGreaterThan(protocol === 'SOCKS5 UDP' ? 8 : 20 * 0.95);
      });
      await Promise.all(holds);
    });

    test('holds for uploads', async () => {
      const connection = await world().connect('Upload', { speedLimitMbps: 20 });
      const tunnel = await openTunnel(connection, web());
      tunnel.send(`POST /upload HTTP/1.1\r\nHost: o\r\nContent-Length: ${100 * MIB}\r\n\r\n`);
      const chunk = Buffer.alloc(64 * 1024);
      const feed = () => {
        while (tunnel.socket.write(chunk));
      };
      tunnel.socket.on('drain', feed);
      feed();
      const { origin } = world();
      const upload: Transfer = {
        get received() {
          return origin.bytesRead;
        },
        ended: Promise.resolve(),
        close: () => tunnel.close(),
      };
      add(upload);
      const mbps = await speedOf([upload], 6 * MIB, MIB);
      expect(mbps / 20).toBeGreaterThan(0.95);
      expect(mbps / 20).toBeLessThan(1.05);
    });

    test('is shared by eight flows, each of which gets its part', async () => {
      const connection = await world().connect('Shared', { speedLimitMbps: 40 });
      const protocols = ['HTTP CONNECT', 'absolute-form HTTP', 'SOCKS5', 'SOCKS4a'];
      const transfers: Transfer[] = [];
      for (let i = 0; i < 8; i += 1) transfers.push(await start(connection, protocols[i % 4]!));
      await speedOf(transfers, MIB, MIB);
      const before = transfers.map(({ received }) => received);
      const mbps = await speedOf(transfers, 12 * MIB, 0);
      expect(mbps / 40).toBeGreaterThan(0.95);
      expect(mbps / 40).toBeLessThan(1.05);
      const parts = transfers.map(({ received }, index) => received - before[index]!);
      expect(Math.min(...parts) / Math.max(...parts)).toBeGreaterThan(0.7);
    });

    test('that is changed takes effect on live flows, and so does one that is set or taken away', async () => {
      const connection = await world().connect('Changed');
      const transfers = [await start(connection, 'HTTP CONNECT'), await start(connection, 'SOCKS5')];
      const { api } = world().server;
      const set = (speedLimitMbps: number | null) => api.changeConnection(connection.id, { speedLimitMbps });
      await set(10);
      // What was under way when the limit came does not count.
      expect(await speedOf(transfers, 2 * MIB, 4 * MIB)).toBeLessThan(10.5);
      await set(50);
      const faster = await speedOf(transfers, 10 * MIB, MIB);
      expect(faster).toBeGreaterThan(45);
      expect(faster).toBeLessThan(52.5);
      await set(null);
      expect(
        await within('a limit to be gone', IN_EFFECT_MS, speedOf(transfers, 64 * MIB, 0)),
      ).toBeGreaterThan(100);
    });

    test('of one Mbit/s stalls none of five flows', async () => {
      const connection = await world().connect('Slow', { speedLimitMbps: 1 });
      const transfers: Transfer[] = [];
      for (let i = 0; i < 5; i += 1) transfers.push(await start(connection, 'SOCKS5'));
      for (let round = 0; round < 3; round += 1) {
        for (const transfer of transfers) {
          const { received } = transfer;
          await until('each flow to move', () => transfer.received >= received + 10_000, 2_000);
        }
      }
      const mbps = await speedOf(transfers, 2 * MEGABIT, 0);
      expect(mbps).toBeGreaterThan(0.95);
      expect(mbps).toBeLessThan(1.1);
    });
  });

  describe('of bytes', () => {
    const used = async ({ id }: NewConnection) => (await world().server.api.connection(id)).usedBytes;

    test('ends transfers over every protocol, and new ones are refused', async () => {
      const ends = Object.keys(TRANSFERS).map(async (protocol) => {
        const connection = await world().connect(`Quota over ${protocol}`, { quotaBytes: 2 * MIB });
        await within(
          `the quota to be spent over ${protocol}`,
          20_000,
          (await start(connection, protocol)).ended,
        );
        for (const other of Object.keys(TRANSFERS)) {
          await expect(start(connection, other), `${other} after ${protocol}`).rejects.toThrow();
        }
        expect(await refusalOf(connection), protocol).toContain('quota');
        await until('what was used to be stored', async () => (await used(connection)) >= 2 * MIB);
        expect(await used(connection), protocol).toBeLessThan(2 * MIB + 128 * 1024);
      });
      await Promise.all(ends);
    });

    test('is passed by at most 4 MiB by fifty flows, and reset or raised it opens again', async () => {
      const quotaBytes = 60 * MIB;
      const connection = await world().connect('Fifty flows', { quotaBytes });
      const protocols = Object.keys(TRANSFERS);
      const transfers: Transfer[] = [];
      for (let i = 0; i < 50; i += 1) {
        const transfer = await start(connection, protocols[i % protocols.length]!).catch(() => null);
        if (transfer) transfers.push(transfer);
      }
      await within('all flows to end', 30_000, Promise.all(transfers.map(({ ended }) => ended)));
      const { api } = world().server;
      await until('what was used to be stored', async () => (await used(connection)) >= quotaBytes);
      const passedBy = (await used(connection)) - quotaBytes;
      tellFigure(19, `fifty flows pass their quota by ${passedBy >> 10} KiB`);
      expect(passedBy).toBeLessThan(4 * MIB);
      await expect(start(connection, 'SOCKS5')).rejects.toThrow();

      await api.call('POST', `/connections/${connection.id}/reset-usage`);
      expect((await getThrough(connection, web())).status).toBe(200);
      expect(await used(connection)).toBeLessThan(MIB);

      await api.changeConnection(connection.id, { quotaBytes: 1 });
      await expect(start(connection, 'SOCKS5')).rejects.toThrow();
      await api.changeConnection(connection.id, { quotaBytes: 100 * MIB });
      expect((await getThrough(connection, web())).status).toBe(200);
    });

    test('that is reset right after it was spent opens at once', async () => {
      const connection = await world().connect('Reset at once', { quotaBytes: MIB });
      for (let round = 0; round < 3; round += 1) {
        await within('the quota to be spent', 10_000, (await start(connection, 'HTTP CONNECT')).ended);
        await world().server.api.call('POST', `/connections/${connection.id}/reset-usage`);
        expect((await getThrough(connection, web())).status).toBe(200);
      }
    });

    async function refusalOf(connection: NewConnection): Promise<string> {
      return await openTunnel(connection, web()).then(
        () => 'not refused',
        (error: Error) => error.message,
      );
    }
  });

  test('of flows refuses one more, over every protocol, and takes it when another has ended', async () => {
    const connection = await world().connect('Two flows', { maxFlows: 2 });
    const transfers = [await start(connection, 'SOCKS5'), await start(connection, 'SOCKS5 UDP')];
    for (const protocol of Object.keys(TRANSFERS))
      await expect(start(connection, protocol)).rejects.toThrow();
    const client = await RawHttp.open(connection.port);
    client.close();
    transfers[0]!.close();
    await until('the place to be free', () => start(connection, 'HTTP CONNECT').catch(() => null));
  });
});
