import { useEffect, useState } from 'react';

/** Whole seconds until `at` (ISO 8601), counted down each second; 0 from then on. */
export function useSecondsLeft(at: string): number {
  const end = Date.parse(at);
  const [left, setLeft] = useState(() => secondsUntil(end));
  useEffect(() => {
    setLeft(secondsUntil(end));
    const timer = setInterval(() => setLeft(secondsUntil(end)), 1_000);
    return () => clearInterval(timer);
  }, [end]);
  return left;
}

function secondsUntil(end: number): number {
  return Math.max(0, Math.ceil((end - Date.now()) / 1_000));
}
