import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react';

export const ROW_HEIGHT = 36;
/** Each is drawn for every step of the wheel: a few more than one step uncovers. */
const OVERSCAN = 6;

export interface VirtualRows {
  /** Places of the rows to be drawn. */
  readonly indexes: readonly number[];
  readonly isScrolling: boolean;
  /** Moves the focus from row to row; put it on the body of the table. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/** Draws only the rows in sight, in whatever part of the page scrolls: the nearest `data-scroll`. */
export function useVirtualRows(count: number, table: RefObject<HTMLElement | null>): VirtualRows {
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const hasRows = count > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is above the table has come when its rows have; to measure for each key of a search would lay the page out once more
  useLayoutEffect(() => {
    const element = table.current?.closest<HTMLElement>('[data-scroll]') ?? null;
    setScroller(element);
    if (!element || !table.current) return;
    const top = table.current.getBoundingClientRect().top - element.getBoundingClientRect().top;
    setScrollMargin(top + element.scrollTop + HEADER_HEIGHT);
  }, [table, hasRows]);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin,
    scrollPaddingStart: HEADER_HEIGHT,
    initialRect: { width: 0, height: window.innerHeight },
  });
  const rows = virtualizer.getVirtualItems();
  return {
    indexes: rows.map(({ index }) => index),
    isScrolling: virtualizer.isScrolling,
    onKeyDown: (event) => {
      const from = Number((event.target as HTMLElement).dataset.row ?? Number.NaN);
      const to = targetOf(event.key, from, count);
      if (to === null) return;
      event.preventDefault();
      virtualizer.scrollToIndex(to);
      requestAnimationFrame(() => table.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus());
    },
  };
}

const HEADER_HEIGHT = 32;

function targetOf(key: string, from: number, count: number): number | null {
  if (Number.isNaN(from)) return null;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(count - 1, from + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, from - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
