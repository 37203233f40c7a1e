import { type RefObject, useLayoutEffect, useState } from 'react';

/** Inner width of an element in pixels, kept up to date; `before` stands for it until it is there. */
export function useWidth(of: RefObject<HTMLElement | null>, before: () => number): number {
  const [width, setWidth] = useState(before);
  useLayoutEffect(() => {
    const element = of.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  return width;
}
