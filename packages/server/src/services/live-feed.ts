import { randomUUID } from 'node:crypto';
import type { LiveEvent } from '@pocketproxy/protocol/api';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { Bus } from '../domain/bus.ts';
import type { Permission } from './permissions.ts';

/** Events within this time about the same thing are told once, as the thing is then. */
const GATHER_MS = 100;
/** How many events a client that lost its connection can catch up with. */
const REMEMBERED = 2_000;
/** For how long events are remembered when nobody listens. */
const LINGER_MS = 60_000;

/** An event before it has a number. */
export interface LiveNews {
  readonly type: LiveEvent['type'];
  /** Whose it is; `null`: only staff may know. */
  readonly organizationId: string | null;
  /** What a client needs to be told of it. */
  readonly permission: Permission;
  /** Of what is one user's own: nobody is told but this user and administrators. */
  readonly ownerId?: string;
  readonly data: object;
}

/** An event as it goes to clients: serialized once, whoever gets it. */
export interface NumberedNews extends LiveNews {
  readonly sequence: number;
  readonly text: string;
}

/** Loads things of one kind as they are now. What is gone may be told of, too. */
export type LoadNews = (ids: readonly string[]) => Promise<readonly LiveNews[]>;

/** Bus events that name one thing. */
const ABOUT_ONE = [
  'device.changed',
  'connection.changed',
  'command.changed',
  'rotation.changed',
  'notification.tried',
] as const;
/** Bus events that name many. */
const ABOUT_MANY = ['device.telemetry', 'connection.usage', 'audit.recorded'] as const;
type Topic = (typeof ABOUT_ONE)[number] | (typeof ABOUT_MANY)[number];

/** What the feed follows on the bus, each with how it is loaded. */
export type LiveTopics = Readonly<Record<Topic, LoadNews>>;

interface Listener {
  readonly hear: (news: NumberedNews) => void;
  readonly lost: () => void;
}

export interface LiveFeedOptions {
  readonly bus: Bus;
  readonly topics: LiveTopics;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Turns bus events, which are only ids, into what clients see. Each thing is loaded once for all clients, and not at
 * all while nobody listens.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  /** Numbers of another process, or of this one before a restart, mean nothing here. */
  readonly #epoch = randomUUID().slice(0, 8);
  readonly #listeners = new Set<Listener>();
  readonly #pending = new Map<Topic, Set<string>>();
  readonly #stops: (() => void)[];
  #remembered: NumberedNews[] = [];
  #sequence = 0;
  #gathering: Timer | null = null;
  #lingering: Timer | null = null;
  #awake = false;
  /** Whether events were lost that nobody was told of as lost yet. */
  #lost = false;
  /** One load after the other, so that an older state never follows a newer one. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    const { bus } = options;
    this.#stops = [
      ...ABOUT_ONE.map((topic) => bus.subscribe(topic, ({ id }) => this.#note(topic, [id]))),
      ...ABOUT_MANY.map((topic) => bus.subscribe(topic, ({ ids }) => this.#note(topic, ids))),
      // What was missed is unknown, so that nobody can catch up across it.
      bus.onResync(() => {
        this.#forget();
        this.#tellLost();
      }),
    ];
  }

  /**
   * Calls `hear` with each event from now on, and `lost` when some could not be told: what was known is to be read
   * again. Answers a function that stops it.
   */
  listen(hear: (news: NumberedNews) => void, lost: () => void): () => void {
    const listener: Listener = { hear, lost };
    this.#listeners.add(listener);
    this.#lingering?.cancel();
    this.#awake = true;
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /** The id of an event; of the last one when left out. */
  idOf(sequence = this.#sequence): string {
    return `${this.#epoch}-${sequence}`;
  }

  /** The events after the one with this id, or `null` when some of them are not remembered. */
  since(id: string): readonly NumberedNews[] | null {
    const [epoch, number] = id.split('-');
    const seen = Number(number);
    if (epoch !== this.#epoch || !Number.isSafeInteger(seen) || seen > this.#sequence) return null;
    const first = this.#remembered[0]?.sequence ?? this.#sequence + 1;
    return seen + 1 < first ? null : this.#remembered.filter(({ sequence }) => sequence > seen);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#gathering?.cancel();
    this.#lingering?.cancel();
  }

  #note(topic: Topic, ids: readonly string[]): void {
    if (!this.#awake) {
      // Nobody can catch up with what was never loaded.
      this.#sequence += 1;
      return;
    }
    const noted = this.#pending.get(topic) ?? new Set();
    this.#pending.set(topic, noted);
    for (const id of ids) noted.add(id);
    this.#gathering ??= this.#options.clock.setTimeout(() => {
      this.#gathering = null;
      this.#work = this.#work.then(() => this.#load());
    }, GATHER_MS);
  }

  async #load(): Promise<void> {
    const { topics, log } = this.#options;
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const [topic, ids] of pending) {
      try {
        const news = await topics[topic]([...ids]);
        // Not before something can be read again.
        if (this.#lost) this.#tellLost();
        for (const one of news) this.#tell(one);
      } catch (error) {
        log.warn({ err: error, topic, count: ids.size }, 'live updates not loaded');
        this.#forget();
        this.#lost = true;
      }
    }
  }

  #tellLost(): void {
    this.#lost = false;
    for (const { lost } of this.#listeners) lost();
  }

  #tell(news: LiveNews): void {
    this.#sequence += 1;
    const { type, data } = news;
    const at = new Date(this.#options.clock.now()).toISOString();
    const text = JSON.stringify({ id: this.idOf(), type, at, data });
    const numbered = { ...news, sequence: this.#sequence, text };
    this.#remembered.push(numbered);
    if (this.#remembered.length > 2 * REMEMBERED) this.#remembered = this.#remembered.slice(-REMEMBERED);
    for (const { hear } of this.#listeners) hear(numbered);
  }

  #rest(): void {
    this.#lingering?.cancel();
    this.#lingering = this.#options.clock.setTimeout(() => {
      this.#awake = false;
      this.#forget();
    }, LINGER_MS);
  }

  #forget(): void {
    this.#remembered = [];
    // So that nobody who saw the last event takes itself for up to date.
    this.#sequence += 1;
  }
}
