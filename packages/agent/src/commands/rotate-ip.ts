import type { CommandOrder, CommandOutcome } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { describe, failed, succeeded } from './outcomes.ts';
import type { RadioGuard } from './radio-guard.ts';

/** What a rotation needs to see of the mobile network. */
export interface MobileNetwork {
  /** Address that customers' traffic leaves from; `null` while there is none. */
  egressAddress(): string | null;
  /** Resets customers' flows: the address that they use is about to go. */
  endFlows(): void;
  /** The radio was switched: the tunnel may have lost its way, or found one. */
  radioSwitched(): void;
}

export interface RotateIpParts {
  readonly radio: RadioGuard;
  readonly network: MobileNetwork;
  readonly clock: Clock;
}

type RotateIpOrder = Extract<CommandOrder, { type: 'rotate_ip' }>;

/** How often the egress is asked for its new address. */
const LOOK_MS = 100;

/**
 * Radio off, hold, radio on, wait for an address. `signal` ends the waiting and nothing else: the radio is on in the
 * end, or the guard goes on trying. Whether the address really is another one is for the relay to observe.
 */
export async function rotateIp(
  order: RotateIpOrder,
  { radio, network, clock }: RotateIpParts,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const before = network.egressAddress();
  const notes: string[] = [];
  const tell = (text: string) => text !== '' && notes.push(text);
  let offFailed = false;
  try {
    tell(await radio.off());
    network.endFlows();
    network.radioSwitched();
    await pause(order.holdSeconds * 1000, clock, signal);
  } catch (error) {
    // It may be half off: it is switched on all the same.
    offFailed = true;
    tell(`Radio not switched off: ${describe(error)}`);
  }
  try {
    tell(await radio.on());
  } catch (error) {
    tell(`Radio not switched on: ${describe(error)}. The agent goes on trying`);
    return failed('radio_failed', notes.join('\n'));
  } finally {
    network.radioSwitched();
  }
  if (offFailed) return failed('radio_failed', notes.join('\n'));
  const since = clock.monotonic();
  const address = await untilAddress(order.registerWithinSeconds * 1000, network, clock, signal);
  const seconds = ((clock.monotonic() - since) / 1000).toFixed(1);
  if (address !== null) {
    network.radioSwitched();
    tell(`Egress address ${before ?? 'none'} before, ${address} ${seconds} s after the radio was on`);
    return succeeded(notes.join('\n'));
  }
  if (signal.aborted) {
    tell('The agent was asked to stop; the radio is on');
    return failed('interrupted', notes.join('\n'));
  }
  tell(`No mobile address within ${order.registerWithinSeconds} s; the radio is on`);
  return failed('not_registered', notes.join('\n'));
}

/** Resolves after `ms`, or when `signal` is aborted. */
function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** The egress's address, or `null` when `signal` was aborted or `ms` have passed without one. */
async function untilAddress(
  ms: number,
  network: MobileNetwork,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | null> {
  const deadline = clock.monotonic() + ms;
  while (!signal.aborted) {
    const address = network.egressAddress();
    if (address !== null) return address;
    if (clock.monotonic() >= deadline) return null;
    await pause(LOOK_MS, clock, signal);
  }
  return null;
}
