import type { LiveEvent } from '@pocketproxy/protocol/api';
import { useEffect, useState } from 'react';
import { onLiveEvent } from '#lib/live/live.ts';

const REMEMBERED = 50;

export interface RecentEvents {
  /** Newest first. */
  readonly events: readonly LiveEvent[];
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
  readonly clear: () => void;
}

/** What the live feed has told since the page was opened. While it is paused, nothing is kept. */
export function useRecentEvents(): RecentEvents {
  const [events, setEvents] = useState<readonly LiveEvent[]>([]);
  const [paused, setPaused] = useState(false);
  useEffect(() => {
    if (paused) return;
    return onLiveEvent((event) => setEvents((old) => [event, ...old].slice(0, REMEMBERED)));
  }, [paused]);
  return { events, paused, setPaused, clear: () => setEvents([]) };
}
