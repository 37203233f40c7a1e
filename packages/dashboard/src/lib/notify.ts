import type { RotationView } from '@pocketproxy/protocol/api';
import { toast } from 'sonner';
import { messageOf } from './api/api-error.ts';
import { formatDuration } from './format.ts';

/** Longer than the others: it has to be read and acted upon. */
const ERROR_MS = 10_000;

/** Says in a corner what has happened, with its values. */
export const notify = {
  /** `Connection acme-1 created on port 30004` */
  done: (text: string, description?: string) => void toast.success(text, { description }),
  /** `text` says what did not work; the error, what to do. */
  failed: (text: string, error?: unknown) =>
    void toast.error(text, {
      duration: ERROR_MS,
      ...(error !== undefined && { description: messageOf(error) }),
    }),
  /** What came of a rotation. */
  rotation: (rotation: RotationView) => {
    const text = describeRotation(rotation);
    if (rotation.status === 'succeeded') toast.success(text);
    else if (rotation.status === 'failed') toast.error(text, { duration: ERROR_MS });
    else toast(text);
  },
};

const REASONS: Readonly<Record<NonNullable<RotationView['reason']>, string>> = {
  device_offline: 'the phone is offline',
  unsupported: 'the phone cannot switch its radio: see what is missing on its page',
  radio_failed: 'the radio could not be switched',
  not_registered: 'the phone found no mobile network in time',
  phone_lost: 'the phone did not come back in time',
  address_not_observed: 'the phone is back, but its address could not be observed',
  same_address: 'the network gave the same address again; a longer hold time may help',
  recent_address: 'the network gave an address that the phone had too recently',
  cancelled: 'it was cancelled',
  internal_error: 'the server met an error of its own; see its log',
};

/** Why a rotation failed or left the address as it was, in a few words. */
export function reasonText(reason: NonNullable<RotationView['reason']>): string {
  return REASONS[reason];
}

/** `Rotated: 100.72.1.9 → 100.72.8.41 in 7.2 s` */
export function describeRotation({ status, oldIp, newIp, durationMs, reason }: RotationView): string {
  const why = reason === null ? '' : `: ${REASONS[reason]}`;
  const took = durationMs === null ? '' : ` in ${formatDuration(durationMs)}`;
  switch (status) {
    case 'succeeded':
      return `Rotated: ${oldIp ?? 'no address'} → ${newIp ?? 'no address'}${took}`;
    case 'unchanged':
      return `Address unchanged, still ${newIp ?? oldIp ?? 'unknown'}${why}`;
    case 'failed':
      return `Rotation failed${why}`;
    case 'queued':
      return 'Rotation queued';
    case 'running':
      return 'Rotating';
  }
}
