import { join } from 'node:path';
import { expect, test } from 'vitest';
import { amount } from './harness/effort.ts';
import { runCommand } from './harness/run-command.ts';
import { proxyUrl, useWorld } from './harness/world.ts';
import { generatedSha256 } from './origins/generated-bytes.ts';

const world = useWorld();
const GIB = 1024 ** 3;
const BYTES = amount(GIB / 4, GIB);
const SIZE = `${BYTES / GIB} GiB`;
const GENERATE = join(import.meta.dirname, 'origins/generate-main.ts');
const SLOW_MACHINE_MS = 180_000;

/** Runs a pipeline; arguments reach the shell as positional parameters, never as text to parse. */
async function shell(script: string, ...args: string[]): Promise<string> {
  return await runCommand(['sh', '-c', script, 'sh', ...args], { withinMs: SLOW_MACHINE_MS });
}

test(`${SIZE} are downloaded through CONNECT as the origin sent them`, {
  timeout: SLOW_MACHINE_MS,
}, async () => {
  const { connection, origin } = world();
  const script = 'curl -sS --fail --noproxy "" -p -x "$1" "$2" | sha256sum';
  const sum = await shell(script, proxyUrl(connection), origin.url(`/bytes/${BYTES}?seed=down`));
  expect(sum.slice(0, 64)).toBe(generatedSha256('down', BYTES));
});

test(`${SIZE} are uploaded through SOCKS5 as the client sent them`, {
  timeout: SLOW_MACHINE_MS,
}, async () => {
  const { connection, origin } = world();
  const script = '"$3" "$4" up "$5" | curl -sS --fail --noproxy "" -x "$1" -T - "$2"';
  const proxy = proxyUrl(connection, 'socks5h');
  const answer = await shell(script, proxy, origin.url('/upload'), process.execPath, GENERATE, String(BYTES));
  expect(JSON.parse(answer)).toEqual({ bytes: BYTES, sha256: generatedSha256('up', BYTES) });
});
