import { afterAll, beforeAll, expect, test } from 'vitest';
import { DelayLine } from './delay-line/delay-line.ts';
import { runCommand } from './harness/run-command.ts';
import { tellFigure } from './harness/tell-figure.ts';
import { proxyUrl, World } from './harness/world.ts';
import { generatedStream } from './origins/generated-bytes.ts';

const MBIT = 1_000_000 / 8;
const AT_LEAST_MBIT_PER_S = 50;
const BYTES = 60_000_000;

let world: World;
let line: DelayLine | undefined;

beforeAll(async () => {
  world = await World.start({
    agent: {
      // The way of the tunnel, as the phone learns it at pairing, leads through the delay line.
      rewritePairingUrl: async (pairingUrl) => {
        const url = new URL(pairingUrl.replace('pocketproxy:', 'https:'));
        line = await DelayLine.start({ host: url.hostname, port: Number(url.port), oneWayMs: 50 });
        url.port = String(line.port);
        return url.href.replace('https:', 'pocketproxy:');
      },
    },
  });
});

afterAll(async () => {
  await world?.destroy();
  await line?.close();
});

test('one download over a 100 ms round trip carries at least 50 Mbit/s', async () => {
  const { connection, origin } = world;
  const args = ['-o', '/dev/null', '-w', '%{speed_download}', '-p', '-x', proxyUrl(connection)];
  const speed = await runCommand(['curl', '-sS', '--noproxy', '', ...args, origin.url(`/bytes/${BYTES}`)]);
  tellFigure(7, `${(Number(speed) / MBIT).toFixed(0)} Mbit/s down`);
  expect(Number(speed) / MBIT).toBeGreaterThanOrEqual(AT_LEAST_MBIT_PER_S);
});

test('one upload over a 100 ms round trip carries at least 50 Mbit/s', async () => {
  const { connection, origin } = world;
  const body = Buffer.concat(await generatedStream('up', BYTES).toArray());
  const args = ['-o', '/dev/null', '-w', '%{speed_upload}', '-p', '-x', proxyUrl(connection), '-T', '-'];
  const speed = await runCommand(['curl', '-sS', '--noproxy', '', ...args, origin.url('/upload')], {
    input: body,
  });
  tellFigure(7, `${(Number(speed) / MBIT).toFixed(0)} Mbit/s up`);
  expect(Number(speed) / MBIT).toBeGreaterThanOrEqual(AT_LEAST_MBIT_PER_S);
});
