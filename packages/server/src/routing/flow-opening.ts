import { FlowError } from '@pocketproxy/protocol';
import type { Clock, FlowStream } from '@pocketproxy/runtime';
import type { Capacity } from './capacity.ts';
import type { Grant } from './grant.ts';
import type { LiveConnection } from './live-connection.ts';
import type { RotationGate } from './rotation-gate.ts';

export interface FlowOpening {
  readonly connection: LiveConnection;
  /** How the client was let in. */
  readonly grant: Grant;
  readonly gate: RotationGate;
  readonly capacity: Pick<Capacity, 'dialling' | 'dialled'>;
  readonly clock: Clock;
  /** Aborts when the client went away. */
  readonly signal: AbortSignal | undefined;
  /** Throws a FlowError when the client, once admitted, may not have the flow any more. */
  readonly recheck: () => void;
}

/** What a dial gives: a stream or a channel of datagrams. */
type Dialled = FlowStream | { close(): void };

/**
 * Opens a flow of a connection: waits while its device rotates, dials, and dials again over the new path when a
 * rotation began meanwhile (nothing of the customer was sent yet). It counts as open from the start, so that parallel
 * flows cannot pass the limit together.
 * @param take makes the flow of what was dialled; must register with `connection.enders` before it returns
 * @throws {FlowError} with the reason
 */
export async function openFlowOf<D extends Dialled, T>(
  opening: FlowOpening,
  dial: (signal: AbortSignal) => Promise<D>,
  take: (dialled: D) => T,
): Promise<T> {
  const { connection, capacity } = opening;
  connection.openFlows += 1;
  capacity.dialling();
  try {
    const waiting: WaitingTime = { since: null };
    for (;;) {
      const opened = await attempt(opening, waiting, dial, take);
      if (opened !== null) return opened.flow;
    }
  } catch (error) {
    connection.openFlows -= 1;
    throw error;
  } finally {
    capacity.dialled();
  }
}

/** When a flow began to wait (`Clock.monotonic`), if it did. */
interface WaitingTime {
  since: number | null;
}

/** One wait and one dial; `null` when they were cut short and the flow may try again. */
async function attempt<D extends Dialled, T>(
  { connection, grant, gate, clock, signal, recheck }: FlowOpening,
  waiting: WaitingTime,
  dial: (signal: AbortSignal) => Promise<D>,
  take: (dialled: D) => T,
): Promise<{ readonly flow: T } | null> {
  const { deviceId } = connection.snapshot;
  // Ended with the connection's other flows by whatever ends those, without a gap before `take`.
  const controller = new AbortController();
  const abort = () => controller.abort();
  connection.enders.set(controller, grant);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    if (gate.isHeld(deviceId)) {
      waiting.since ??= clock.monotonic();
      await gate.wait(deviceId, waiting.since, controller.signal);
      // Of what happened meanwhile, only what ends flows was told.
      recheck();
    }
    if (!controller.signal.aborted) {
      const dialled = await dial(controller.signal);
      if (!controller.signal.aborted) return { flow: take(dialled) };
      discard(dialled);
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    connection.enders.delete(controller);
    signal?.removeEventListener('abort', abort);
  }
  if (signal?.aborted) throw new FlowError('request_timeout', 'The client went away');
  recheck();
  return null;
}

function discard(dialled: Dialled): void {
  if ('reset' in dialled) {
    dialled.window.release();
    dialled.reset();
  } else dialled.close();
}
