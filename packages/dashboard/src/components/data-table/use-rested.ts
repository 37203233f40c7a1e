import { startTransition, useEffect, useState } from 'react';

type Range = readonly [first: number, last: number];

/**
 * Whether a row has been in sight while nothing scrolled. What a row needs only for a hand that rests on it, such as its
 * buttons, can wait for that; nothing goes while it is in sight.
 */
export function useRested(indexes: readonly number[], isScrolling: boolean): (index: number) => boolean {
  const [first, last] = [indexes[0] ?? 0, indexes.at(-1) ?? -1];
  const [[from, to], setRange] = useState<Range>([first, last]);
  useEffect(() => {
    if (!isScrolling) startTransition(() => setRange([first, last]));
  }, [first, last, isScrolling]);
  return (index) => index >= from && index <= to;
}
