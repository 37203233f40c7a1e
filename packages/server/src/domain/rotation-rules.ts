import type { CommandOutcome } from '@pocketproxy/protocol';
import type { RotationResult, RotationSettings } from './rotation.ts';

/** Measured elsewhere: carriers let go of an address after 1 s in 24 of 30 cases, after 4 s in 30 of 30. */
const DEFAULT_HOLD_SECONDS = 4;
/** Doubling ends here; a person may set more. */
const MAX_DOUBLED_HOLD_SECONDS = 60;

/** For how long the phone may search for a network once its radio is on. */
export const REGISTER_WITHIN_SECONDS = 60;

/** Where the radio carries the tunnel, too: time to dial the relay after registering. */
export const RETURN_WITHIN_SECONDS = 60;

/** For observing the address once the phone is back: the first packets of a new network often get lost. */
export const OBSERVE_WITHIN_MS = 30_000;

/** How long the radio stays off in an attempt, which are counted from 1: as set or learned, then doubled each time. */
export function holdSecondsOf(
  settings: Pick<RotationSettings, 'holdSeconds' | 'learnedHoldSeconds'>,
  attempt: number,
): number {
  const first = settings.holdSeconds ?? settings.learnedHoldSeconds ?? DEFAULT_HOLD_SECONDS;
  return Math.min(first * 2 ** (attempt - 1), Math.max(first, MAX_DOUBLED_HOLD_SECONDS));
}

/** Whether another attempt may end better. */
export function isWorthRetrying(result: RotationResult): boolean {
  if (result.status !== 'failed') return result.status === 'unchanged';
  return ['radio_failed', 'not_registered', 'address_not_observed'].includes(result.reason);
}

/**
 * What the outcome of the radio order means; `null`: the address decides. An interrupted order may have cycled the
 * radio all the same.
 */
export function failureOf(outcome: CommandOutcome): RotationResult | null {
  if (outcome.status === 'succeeded') return null;
  switch (outcome.reason) {
    case 'interrupted':
      return null;
    case 'unsupported':
    case 'radio_failed':
    case 'not_registered':
      return failed(outcome.reason);
    default:
      return failed('internal_error');
  }
}

/** A failure as a result. */
export function failed(reason: Extract<RotationResult, { status: 'failed' }>['reason']): RotationResult {
  return { status: 'failed', newIp: null, reason };
}

/**
 * Learns how long the radio of a device must stay off, from the attempts of one rotation. The rule: when the address
 * stayed after a shorter hold and changed after a longer one, the longer one is needed from now on. It is never
 * shortened again, because a rotation that comes too early costs a whole further attempt; and nothing is learned
 * while a person has set the time.
 */
export class HoldLesson {
  readonly #settings: RotationSettings;
  #tooShort: number | null = null;

  constructor(settings: RotationSettings) {
    this.#settings = settings;
  }

  /** Takes the result of an attempt in; answers what is learned from it. */
  learn(holdSeconds: number, result: RotationResult): number | null {
    if (result.reason === 'same_address') this.#tooShort = holdSeconds;
    if (result.status !== 'succeeded' || this.#settings.holdSeconds !== null) return null;
    return this.#tooShort !== null && holdSeconds > this.#tooShort ? holdSeconds : null;
  }
}
