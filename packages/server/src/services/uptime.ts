import {
  type StatusSegment,
  UPTIME_MAX_DAYS,
  type UptimeQuery,
  type UptimeView,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { DeviceStatusRepository } from '../db/device-status-repository.ts';
import type { LoggedStatus } from '../domain/status-change.ts';
import { ServiceError } from './service-error.ts';

const DAY_MS = 86_400_000;
const DEFAULT_SPAN_MS = 7 * DAY_MS;

/** When devices were online, from the log of their statuses. */
export class Uptime {
  readonly #repository: Pick<DeviceStatusRepository, 'starts'>;
  readonly #clock: Clock;

  constructor(repository: Pick<DeviceStatusRepository, 'starts'>, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  /** @throws {ServiceError} `validation_failed` when the range is empty or too long */
  async of(
    device: { readonly id: string; readonly createdAt: Date },
    query: UptimeQuery,
  ): Promise<UptimeView> {
    const now = this.#clock.now();
    const asked = query.to?.getTime() ?? now;
    const from = query.from?.getTime() ?? asked - DEFAULT_SPAN_MS;
    if (from >= asked) throw badRange('query.from', 'Expected a time before to, and not in the future');
    if (asked - from > UPTIME_MAX_DAYS * DAY_MS) {
      throw badRange('query.from', `Expected at most ${UPTIME_MAX_DAYS} days before to`);
    }
    const range = { from: Math.max(from, device.createdAt.getTime()), to: Math.min(asked, now) };
    if (range.from >= range.to) return { items: [], onlinePercent: null, nextCursor: null };
    const starts = await this.#repository.starts(device.id, new Date(range.from), new Date(range.to));
    const spans = spansOf(starts, range);
    return { items: spans.map(segmentOf), onlinePercent: onlinePercent(spans, range), nextCursor: null };
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

type Span = Range & Pick<LoggedStatus, 'status'>;

/** Cuts the log to the range. A device that has logged nothing yet was offline: it never connected. */
function spansOf(starts: readonly LoggedStatus[], { from, to }: Range): Span[] {
  const all = [{ status: 'offline' as const, at: Number.NEGATIVE_INFINITY }, ...starts];
  const spans: Span[] = [];
  for (const [index, { status, at }] of all.entries()) {
    const span = { status, from: Math.max(at, from), to: Math.min(all[index + 1]?.at ?? to, to) };
    if (span.from >= span.to) continue;
    const last = spans.at(-1);
    if (last?.status === status) spans.splice(-1, 1, { ...last, to: span.to });
    else spans.push(span);
  }
  return spans;
}

function onlinePercent(spans: readonly Span[], { from, to }: Range): number {
  const online = spans.filter(({ status }) => status === 'online');
  const time = online.reduce((sum, span) => sum + span.to - span.from, 0);
  return Math.round((time / (to - from)) * 10_000) / 100;
}

function segmentOf({ status, from, to }: Span): StatusSegment {
  return { status, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function badRange(field: string, message: string): ServiceError {
  return new ServiceError('validation_failed', `${field}: ${message}`, { fields: [{ field, message }] });
}
