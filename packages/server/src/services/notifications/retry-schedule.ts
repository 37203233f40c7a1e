const FIRST_MS = 5_000;
const LONGEST_MS = 30 * 60_000;
/** A message that could not be delivered for so long is given up. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * When a message is tried again after `attempts` failures: waits double from 5 seconds to half an hour, each shortened
 * by up to half at random, so that what failed together does not come back together. The last attempt is when the
 * message is a day old; `null` after that. Times in milliseconds since the epoch; `random` uniform in [0, 1).
 */
export function nextAttempt(
  { attempts, createdAt }: { readonly attempts: number; readonly createdAt: number },
  now: number,
  random: () => number,
): number | null {
  const end = createdAt + GIVE_UP_AFTER_MS;
  if (now >= end) return null;
  const longest = Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS);
  return Math.min(Math.round(now + longest * (0.5 + 0.5 * random())), end);
}
