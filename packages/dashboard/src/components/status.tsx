import type { ConnectionView, DeviceView, RotationView } from '@pocketproxy/protocol/api';
import { cn } from '#lib/cn.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'idle';

const DOTS: Readonly<Record<Tone, string>> = {
  good: 'bg-green',
  busy: 'bg-amber',
  bad: 'bg-red',
  idle: 'border border-grey',
};

export interface StatusProps {
  readonly tone: Tone;
  /** The word beside the dot: colour alone says nothing to many. */
  readonly word: string;
  readonly className?: string;
}

/** A dot and a word. */
export function Status({ tone, word, className }: StatusProps) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-2 whitespace-nowrap',
        tone === 'idle' && 'text-muted',
        className,
      )}
    >
      <span aria-hidden className={`size-2 shrink-0 rounded-full ${DOTS[tone]}`} />
      {word}
    </span>
  );
}

const DEVICE: Readonly<Record<DeviceView['status'], Tone>> = {
  online: 'good',
  reconnecting: 'busy',
  offline: 'idle',
};

export function DeviceStatus({ status, rotating }: { status: DeviceView['status']; rotating?: boolean }) {
  if (rotating) return <Status tone="busy" word="Rotating" />;
  return <Status tone={DEVICE[status]} word={sentence(status)} />;
}

const CONNECTION: Readonly<Record<ConnectionView['status'], readonly [Tone, string]>> = {
  active: ['good', 'Active'],
  disabled: ['idle', 'Disabled'],
  expired: ['bad', 'Expired'],
  quota_exceeded: ['bad', 'Quota spent'],
};

/** What each status of a connection is called. */
export const CONNECTION_STATUS_WORDS: Readonly<Record<ConnectionView['status'], string>> = {
  active: CONNECTION.active[1],
  disabled: CONNECTION.disabled[1],
  expired: CONNECTION.expired[1],
  quota_exceeded: CONNECTION.quota_exceeded[1],
};

export function ConnectionStatus({ status }: { status: ConnectionView['status'] }) {
  const [tone, word] = CONNECTION[status];
  return <Status tone={tone} word={word} />;
}

const ROTATION: Readonly<Record<RotationView['status'], readonly [Tone, string]>> = {
  queued: ['busy', 'Queued'],
  running: ['busy', 'Running'],
  succeeded: ['good', 'Succeeded'],
  unchanged: ['busy', 'Unchanged'],
  failed: ['bad', 'Failed'],
};

export function RotationStatus({ status }: { status: RotationView['status'] }) {
  const [tone, word] = ROTATION[status];
  return <Status tone={tone} word={word} />;
}

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
