import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { Ability, Radio } from '../platform/controls.ts';

/** Remembers, beyond the end of the process, that the radio may be off. */
export interface RadioMark {
  isSet(): Promise<boolean>;
  set(): Promise<void>;
  clear(): Promise<void>;
}

export interface RadioGuardOptions {
  /** The radio as it can be controlled now. */
  readonly radio: () => Promise<Ability<Radio>>;
  readonly mark: RadioMark;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Waits between attempts to switch on, in milliseconds. A modem that is busy is ready again within seconds. */
const RETRY_MS = [1_000, 2_000, 4_000];
/** After these have failed, it is tried for as long as the agent runs. */
const KEEP_TRYING_MS = 30_000;

/**
 * Switches the radio, and sees to it that it does not stay off: whatever fails, and also when the agent dies with
 * the radio off, it is switched on again, without the relay.
 */
export class RadioGuard {
  readonly #options: RadioGuardOptions;
  #again: Timer | null = null;
  /** The last switching: mark and radio change together. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: RadioGuardOptions) {
    this.#options = options;
  }

  /**
   * Switches the radio off; from before that moment on it is owed to be on again. Answers what there is to tell.
   * @throws {Error} when it could not be switched, or not be remembered
   */
  off(): Promise<string> {
    this.#again?.cancel();
    return this.#inTurn(async () => {
      const radio = await this.#radio();
      await this.#options.mark.set();
      return await radio.off();
    });
  }

  /** Switches the radio on, in several attempts. @throws {Error} of the last one; it is tried again later, too */
  async on(): Promise<string> {
    this.#again?.cancel();
    for (const wait of RETRY_MS) {
      try {
        return await this.#switchOn();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'radio not switched on, trying again');
      }
      await this.#pause(wait);
    }
    try {
      return await this.#switchOn();
    } catch (error) {
      this.#keepTrying();
      throw error;
    }
  }

  /** At the start: switches the radio on if an earlier run may have left it off. Never rejects. */
  async recover(leftUnfinished: boolean): Promise<void> {
    if (!leftUnfinished && !(await this.#options.mark.isSet())) return;
    try {
      const output = await this.#switchOn();
      this.#options.log.info({ output }, 'radio switched on, an earlier run may have left it off');
    } catch (error) {
      this.#options.log.error({ err: error }, 'radio could not be switched on');
      this.#keepTrying();
    }
  }

  /** Ends the attempts in the background. */
  close(): void {
    this.#closed = true;
    this.#again?.cancel();
  }

  #switchOn(): Promise<string> {
    return this.#inTurn(async () => {
      const output = await (await this.#radio()).on();
      await this.#options.mark.clear();
      return output;
    });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #radio(): Promise<Radio> {
    const ability = await this.#options.radio();
    if (ability.can === null) throw new Error(`${ability.reason}. ${ability.fix}`);
    return ability.can;
  }

  #keepTrying(): void {
    if (this.#closed) return;
    const { clock, log } = this.#options;
    this.#again = clock.setTimeout(() => {
      this.#switchOn().then(
        (output) => log.info({ output }, 'radio is on at last'),
        (error: unknown) => {
          log.error({ err: error }, 'radio still could not be switched on');
          this.#keepTrying();
        },
      );
    }, KEEP_TRYING_MS);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimeout(resolve, ms));
  }
}
