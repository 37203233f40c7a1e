import type { Customer } from './customer.ts';
import { type Disturbances, RELAY } from './disturbances.ts';
import { FlowFailure } from './flow-failure.ts';
import type { FlowKind } from './flow-kinds.ts';
import { Lifeline } from './lifeline.ts';
import type { Outcomes } from './outcomes.ts';
import { tagOf } from './tag.ts';

/** What flows need to run and to be judged. */
export interface FlowSurroundings {
  readonly origin: { readonly tcp: number; readonly udp: number };
  readonly outcomes: Outcomes;
  readonly disturbances: Disturbances;
  readonly random: () => number;
  /** Told of each failure that nothing explains. */
  readonly onUnexplained: (what: string) => void;
}

/** Runs one flow to its end and counts what became of it. Answers whether all was well; never rejects. */
export async function runFlow(kind: FlowKind, customer: Customer, to: FlowSurroundings): Promise<boolean> {
  const { outcomes, disturbances, origin, random } = to;
  outcomes.started();
  const lifeline = new Lifeline();
  const startedAt = performance.now();
  const tag = tagOf(customer.name, customer.nextFlow());
  try {
    const uncertain = (bytes: number): void => {
      customer.uncertainBytes += bytes;
    };
    const task = { login: customer.connection, origin, tag, random, lifeline, uncertain };
    await withinDeadline(kind.run(task), kind.withinMs);
    if (kind.rough) customer.uncertainBytes += kind.maxBytes;
    outcomes.done(kind.quick ? performance.now() - startedAt : null);
    return true;
  } catch (error) {
    customer.uncertainBytes += kind.maxBytes;
    const failure = asFailure(error);
    const what = `${kind.name}: ${failure.kind} ${failure.detail}`;
    const met = (whom: number): boolean => disturbances.explain(whom, startedAt, performance.now());
    const explained = failure.kind !== 'mixed' && (met(RELAY) || (!kind.idle && met(customer.phone)));
    outcomes.failed(what, explained);
    if (!explained) to.onUnexplained(`${what} (${tag}, phone ${customer.phone})`);
    return false;
  } finally {
    lifeline.cut();
  }
}

async function withinDeadline(flow: Promise<void>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FlowFailure('hung', 'past its time')), withinMs);
  });
  // When it is given up, its sockets are ended, and it fails where nobody looks any more.
  flow.catch(() => {});
  await Promise.race([flow, late]).finally(() => clearTimeout(timer));
}

/** What is no failure of its own is a stream that ended in the middle. */
function asFailure(error: unknown): FlowFailure {
  return error instanceof FlowFailure ? error : new FlowFailure('cut', 'before it was complete');
}
