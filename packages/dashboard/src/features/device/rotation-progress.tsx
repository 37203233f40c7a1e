import type { RotationView } from '@pocketproxy/protocol/api';
import { Check } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cn } from '#lib/cn.ts';
import { formatDuration } from '#lib/format.ts';
import { describeRotation } from '#lib/notify.ts';
import { ROTATION_STEPS, stepStates } from './rotation-steps.ts';

/** How long the outcome stays on the page, in milliseconds. */
const OUTCOME_MS = 60_000;

/** What the last rotation does, step by step, and for a while what came of it. */
export function RotationProgress({ rotation }: { readonly rotation: RotationView | undefined }) {
  const now = useSecondTick(rotation !== undefined && isRecent(rotation, Date.now()));
  if (!rotation || !isRecent(rotation, now)) return null;
  return (
    <section
      aria-label="Rotation"
      className="mx-6 mb-4 flex min-h-10 flex-wrap items-center gap-x-5 gap-y-2 rounded-md border border-border bg-raised px-3 py-2 max-md:mx-4"
    >
      {rotation.finishedAt === null ? (
        <Running {...{ rotation, now }} />
      ) : (
        <p role="status" className="flex items-center gap-2">
          <span aria-hidden className={cn('size-2 shrink-0 rounded-full', OUTCOME_DOTS[rotation.status])} />
          <span className="figures">{describeRotation(rotation)}</span>
        </p>
      )}
    </section>
  );
}

const OUTCOME_DOTS: Readonly<Record<RotationView['status'], string>> = {
  queued: 'bg-amber',
  running: 'bg-amber',
  succeeded: 'bg-green',
  unchanged: 'bg-amber',
  failed: 'bg-red',
};

function Running({ rotation, now }: { readonly rotation: RotationView; readonly now: number }) {
  const elapsed = Math.max(0, now - Date.parse(rotation.startedAt ?? rotation.createdAt));
  return (
    <>
      <ol className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {stepStates(rotation.step).map((state, at) => (
          <li
            key={ROTATION_STEPS[at]?.id}
            aria-current={state === 'now' ? 'step' : undefined}
            className={cn(
              'flex items-center gap-2',
              state === 'now' ? 'text-foreground' : state === 'done' ? 'text-muted' : 'text-faint',
            )}
          >
            {state === 'done' ? (
              <Check aria-label="Done:" role="img" className="size-3.5 text-green" />
            ) : (
              <span
                aria-hidden
                className={cn(
                  'size-2 rounded-full',
                  state === 'now' ? 'animate-pulse bg-amber' : 'border border-border-strong',
                )}
              />
            )}
            {ROTATION_STEPS[at]?.label}
          </li>
        ))}
      </ol>
      <p className="figures ml-auto text-muted">
        {rotation.attempt > 1 && `attempt ${rotation.attempt} · `}
        {formatDuration(Math.floor(elapsed / 1_000) * 1_000)}
      </p>
    </>
  );
}

function isRecent({ finishedAt }: RotationView, now: number): boolean {
  return finishedAt === null || now - Date.parse(finishedAt) < OUTCOME_MS;
}

/** The time, each second while `running`. */
function useSecondTick(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
