import type { CommandOutcome } from '@pocketproxy/protocol';
import type { Missing } from '../platform/controls.ts';

const MAX_OUTPUT = 4_000;

/** The order was carried out; `output` is for people. */
export function succeeded(output: string): CommandOutcome {
  return { status: 'succeeded', reason: null, output: output.slice(0, MAX_OUTPUT) };
}

/** The order was not carried out, or not to its end. */
export function failed(reason: NonNullable<CommandOutcome['reason']>, output: string): CommandOutcome {
  return { status: 'failed', reason, output: output.slice(0, MAX_OUTPUT) };
}

/** This device cannot do it; the output says what would make it possible. */
export function unsupported({ reason, fix }: Missing): CommandOutcome {
  return failed('unsupported', `${reason}. ${fix}`);
}

/** What went wrong, for people. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
