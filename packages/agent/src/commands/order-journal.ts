import { readFile, rename } from 'node:fs/promises';
import { type CommandOrder, type CommandOutcome, commandOutcomeSchema } from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import { z } from 'zod';
import { writeFileAtomically } from '../state/atomic-file.ts';

const entrySchema = z.object({
  id: z.string(),
  type: z.string(),
  begunAt: z.string(),
  /** Which start of the system it was begun in; `null` where that is not known. */
  bootId: z.string().nullable(),
  /** `null` while it is being carried out. */
  outcome: commandOutcomeSchema.nullable(),
});
type Entry = z.infer<typeof entrySchema>;

const fileSchema = z.object({ version: z.literal(1), orders: z.array(entrySchema) });

/** The relay asks again within minutes or days, not after this many other orders. */
const KEPT = 500;

export interface OrderJournalOptions {
  readonly path: string;
  readonly bootId: string | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Which orders were begun and how they ended, on disk: an order that is asked for again, also after a restart, is
 * answered from here and never carried out twice.
 */
export class OrderJournal {
  /** Types of the orders that an earlier run of the agent did not finish. */
  readonly interrupted: readonly string[];
  readonly #options: OrderJournalOptions;
  readonly #entries: Map<string, Entry>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: OrderJournalOptions, entries: readonly Entry[]) {
    this.#options = options;
    const ended = entries.map((entry) => (entry.outcome ? entry : endedByRestart(entry, options.bootId)));
    this.#entries = new Map(ended.map((entry) => [entry.id, entry]));
    this.interrupted = entries.filter(({ outcome }) => outcome === null).map(({ type }) => type);
  }

  /** Reads the journal; orders that were begun and not finished are interrupted from now on. */
  static async open(options: OrderJournalOptions): Promise<OrderJournal> {
    const journal = new OrderJournal(options, await readEntries(options));
    if (journal.interrupted.length > 0) await journal.#save();
    return journal;
  }

  /** How an order ended; `null` when it was never begun or is being carried out. */
  outcome(id: string): CommandOutcome | null {
    return this.#entries.get(id)?.outcome ?? null;
  }

  /** Resolves when the order is on disk as begun. Rejects when it cannot be written: then it must not be carried out. */
  async begin(id: string, type: CommandOrder['type']): Promise<void> {
    const { bootId, now } = this.#options;
    const entry = { id, type, begunAt: new Date(now()).toISOString(), bootId, outcome: null };
    this.#entries.set(id, entry);
    this.#forgetOldest();
    try {
      await this.#save();
    } catch (error) {
      this.#entries.delete(id);
      throw error;
    }
  }

  /** Never rejects: an outcome that cannot be written is still known until the agent ends. */
  async finish(id: string, outcome: CommandOutcome): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, outcome });
    await this.#save().catch((error: unknown) =>
      this.#options.log.error({ err: error, order: id }, 'outcome of an order not stored'),
    );
  }

  /** One write after the other, each with what is known when its turn comes. */
  #save(): Promise<void> {
    const write = () =>
      writeFileAtomically(
        this.#options.path,
        JSON.stringify({ version: 1, orders: [...this.#entries.values()] }),
      );
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => {});
    return written;
  }

  #forgetOldest(): void {
    for (const [id, { outcome }] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (outcome) this.#entries.delete(id);
    }
  }
}

/** A reboot has succeeded when the system was started anew; everything else may or may not have happened. */
function endedByRestart(entry: Entry, bootId: string | null): Entry {
  if (entry.type === 'reboot' && entry.bootId !== null && bootId !== null && entry.bootId !== bootId) {
    return { ...entry, outcome: { status: 'succeeded', reason: null, output: 'The device has restarted' } };
  }
  const output = 'The agent ended while it carried this out';
  return { ...entry, outcome: { status: 'failed', reason: 'interrupted', output } };
}

async function readEntries({ path, log }: OrderJournalOptions): Promise<readonly Entry[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).orders;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    // An agent that does not start helps nobody. The file is kept for whoever wants to know what happened to it.
    log.error({ err: error, path }, 'journal of orders cannot be read, a new one is begun');
    await rename(path, `${path}.unreadable`).catch(() => {});
    return [];
  }
}
