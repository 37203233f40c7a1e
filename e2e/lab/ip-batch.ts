import { runCommand } from '../harness/run-command.ts';

/** Carries out lines of `ip`, those that start with `-6` last; in a namespace if one is named. */
export async function runIpLines(lines: readonly string[], namespace: string | null): Promise<void> {
  const isV6 = (line: string): boolean => line.startsWith('-6 ');
  const place = namespace === null ? [] : ['-n', namespace];
  await runBatch(
    place,
    lines.filter((line) => !isV6(line)),
  );
  await runBatch(
    ['-6', ...place],
    lines.filter(isV6).map((line) => line.slice(3)),
  );
}

async function runBatch(flags: readonly string[], lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await runCommand(['ip', ...flags, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
