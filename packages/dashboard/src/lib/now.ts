import { useSyncExternalStore } from 'react';

/** How often relative times move on, in milliseconds. */
const TICK_MS = 5_000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time, in steps of some seconds; one clock for everything on the page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
