import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { Section } from '#components/page.tsx';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Button } from '#components/ui/button.tsx';
import { useLiveState } from '#lib/live/live.ts';
import { eventText } from './event-text.ts';
import { useRecentEvents } from './use-recent-events.ts';

/** What happens, as programs hear of it by `WS /live`. */
export function LiveFeedSection() {
  const { events, paused, setPaused, clear } = useRecentEvents();
  const [open, setOpen] = useState<string | null>(null);
  const live = useLiveState() === 'live';
  return (
    <Section
      title="Live feed"
      lead="What this browser hears by WebSocket, as a program would. Each event is one JSON message."
      actions={
        <>
          <Status
            tone={paused || !live ? 'idle' : 'good'}
            word={paused ? 'Paused' : live ? 'Live' : 'Waiting'}
          />
          <Button size="sm" onClick={() => setPaused(!paused)}>
            {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            {paused ? 'Go on' : 'Pause'}
          </Button>
          <Button size="sm" variant="ghost" onClick={clear}>
            Clear
          </Button>
        </>
      }
    >
      {events.length === 0 ? (
        <p className="border-border border-t py-3 text-muted">
          Nothing has happened since this page was opened. Rotate a phone, or wait: phones report every 15 s.
        </p>
      ) : (
        <ul className="border-border border-t">
          {events.map((event) => (
            <li key={event.id} className="border-border border-b">
              <button
                type="button"
                aria-expanded={open === event.id}
                onClick={() => setOpen(open === event.id ? null : event.id)}
                className="flex min-h-9 w-full items-center gap-3 py-1 text-left transition-colors hover:bg-hover"
              >
                <span className="figures w-52 shrink-0 max-md:w-40 max-md:truncate text-muted">
                  {event.type}
                </span>
                <span className="min-w-0 flex-1 truncate">{eventText(event)}</span>
                <span className="text-muted text-xs">
                  <Time at={event.at} />
                </span>
              </button>
              {open === event.id && (
                <pre className="figures mb-2 whitespace-pre-wrap break-words rounded-md border border-border bg-raised p-3 text-xs">
                  {JSON.stringify(event, null, 2)}
                </pre>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
