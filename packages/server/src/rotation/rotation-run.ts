import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { deviceStatus } from '../domain/device-status.ts';
import type {
  OpenRotation,
  RotationHold,
  RotationResult,
  RotationStore,
  RunningStep,
} from '../domain/rotation.ts';
import {
  failed,
  failureOf,
  HoldLesson,
  holdSecondsOf,
  isWorthRetrying,
  OBSERVE_WITHIN_MS,
  REGISTER_WITHIN_SECONDS,
  RETURN_WITHIN_SECONDS,
} from '../domain/rotation-rules.ts';
import type { Phone } from './phone.ts';
import { sleep } from './sleep.ts';

/** A phone that was connected a moment ago gets this long to dial again before its rotation fails. */
const RECONNECT_WITHIN_MS = 15_000;
/** An address that was observed within this time is the old one; an older observation is made anew. */
const FRESH_ADDRESS_MS = 60_000;
const OLD_ADDRESS_WITHIN_MS = 5_000;
/** Between two tries to store the end while the database is away. */
const STORE_AGAIN_MS = 2_000;

export interface RotationRunOptions {
  readonly rotation: OpenRotation;
  readonly store: RotationStore;
  readonly phone: Phone;
  readonly hold: RotationHold;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts with `cancelled` when the device is gone, with `stopping` when the relay stops. */
  readonly signal: AbortSignal;
}

/** Why a run is given up. */
export type GiveUp = 'cancelled' | 'stopping';

/** Another process has ended the rotation, or its device was deleted: there is nothing left to do. */
class RotationGone extends Error {}

/**
 * Carries one rotation out: radio off and on, back to the network, address observed, and again while the address
 * stays. A rotation that another run of this process had begun is resumed: the order goes out under the same id, which
 * the agent carries out once, and what follows is decided by the address. docs/architecture.md has the picture.
 */
export class RotationRun {
  readonly #options: RotationRunOptions;
  readonly #lesson: HoldLesson;
  #oldIp: string | null;
  #learned: number | null = null;
  /** Steps are stored one after another, behind the work that they tell of. */
  #notes: Promise<void> = Promise.resolve();

  constructor(options: RotationRunOptions) {
    this.#options = options;
    this.#oldIp = options.rotation.oldIp;
    this.#lesson = new HoldLesson(options.rotation.settings);
  }

  /** Never rejects. A resumed rotation holds flows back before this returns for the first time. */
  async run(): Promise<void> {
    const { rotation, hold, log } = this.#options;
    try {
      if (rotation.status === 'queued' && !(await this.#begin())) return;
      const result = await this.#attempts();
      hold.release(rotation.deviceId);
      await this.#finish(result);
    } catch (error) {
      hold.release(rotation.deviceId);
      await this.#giveUp(error).catch((reason: unknown) =>
        log.error({ err: reason, rotationId: rotation.id }, 'rotation given up'),
      );
    }
  }

  /** Claims the rotation for its first attempt; answers false when it has ended instead. */
  async #begin(): Promise<boolean> {
    const { rotation, store, phone, clock } = this.#options;
    // Without a session here, what was heard of it last decides.
    const signs = { connectedRelayId: null, relayHeartbeatAt: null, lastSeenAt: rotation.lastSeenAt };
    const status = deviceStatus(signs, clock.now());
    const patience = status === 'offline' ? 0 : RECONNECT_WITHIN_MS;
    const asked = clock.monotonic();
    if ((await phone.session(asked + patience)) === null) {
      await this.#finish(failed('device_offline'));
      return false;
    }
    const observedIp = await this.#observeOldIp(clock.monotonic() > asked);
    const holdSeconds = holdSecondsOf(rotation.settings, 1);
    const begun = await store.begin(rotation, { holdSeconds, observedIp, at: new Date(clock.now()) });
    this.#oldIp = begun?.oldIp ?? null;
    return begun !== null;
  }

  /**
   * The address now, or `null` where the stored one will do. That may be wrong: a carrier can change an address without
   * anyone seeing it, and a phone that was away may have come back with another.
   */
  async #observeOldIp(wasAway: boolean): Promise<string | null> {
    const { rotation, phone, clock } = this.#options;
    const { exitIp, exitIpAt } = rotation;
    const ageMs = exitIpAt === null ? Number.POSITIVE_INFINITY : clock.now() - exitIpAt.getTime();
    if (!wasAway && exitIp !== null && ageMs < FRESH_ADDRESS_MS) return null;
    const observed = await phone.exitIp(clock.monotonic() + OLD_ADDRESS_WITHIN_MS);
    return typeof observed === 'object' ? observed.ip : null;
  }

  async #attempts(): Promise<RotationResult> {
    const { rotation, store, hold } = this.#options;
    const { settings, deviceId } = rotation;
    for (let attempt = Math.max(rotation.attempt, 1); ; attempt++) {
      const resumed = attempt === rotation.attempt ? rotation.holdSeconds : null;
      const holdSeconds = resumed ?? holdSecondsOf(settings, attempt);
      // Before the radio goes off: from here on nothing may be under way on the old path, or look for another.
      hold.hold(deviceId, settings.waitSeconds * 1000);
      const result = await this.#attempt(attempt, holdSeconds);
      this.#learned = this.#lesson.learn(holdSeconds, result);
      if (!isWorthRetrying(result) || attempt > settings.retries) return result;
      await this.#notes;
      const next = { attempt: attempt + 1, holdSeconds: holdSecondsOf(settings, attempt + 1) };
      // An attempt that cannot be recorded is not made: its order could not be repeated after a restart.
      if (!(await this.#stored(() => store.retry(rotation.id, next)))) return result;
    }
  }

  async #attempt(attempt: number, holdSeconds: number): Promise<RotationResult> {
    const { phone, clock } = this.#options;
    const failure = await this.#cycleRadio(attempt, holdSeconds);
    if (failure !== null) return failure;
    this.#note('observing');
    const observed = await phone.exitIp(clock.monotonic() + OBSERVE_WITHIN_MS);
    if (observed === 'lost') return failed('phone_lost');
    if (observed === 'unknown') return failed('address_not_observed');
    return await this.#judge(observed.ip);
  }

  /** Answers why the address need not be looked at, or `null`. */
  async #cycleRadio(attempt: number, holdSeconds: number): Promise<RotationResult | null> {
    const { rotation, phone, clock, signal, log } = this.#options;
    const order = {
      type: 'rotate_ip' as const,
      holdSeconds,
      registerWithinSeconds: REGISTER_WITHIN_SECONDS,
    };
    const done = new AbortController();
    const ended = AbortSignal.any([signal, done.signal]);
    // Nobody tells when the radio is on again, but it is told for how long it stays off.
    void sleep(clock, holdSeconds * 1000, ended).then(() => {
      if (!ended.aborted) this.#note('registering');
    });
    const deadline =
      clock.monotonic() + (holdSeconds + REGISTER_WITHIN_SECONDS + RETURN_WITHIN_SECONDS) * 1000;
    try {
      const outcome = await phone.order(`${rotation.id}-${attempt}`, order, deadline, () =>
        this.#note('registering'),
      );
      if (outcome === 'lost') return failed('phone_lost');
      if (outcome === 'silent') return failed('internal_error');
      if (outcome.status === 'failed')
        log.info({ rotationId: rotation.id, attempt, outcome }, 'radio not cycled');
      return failureOf(outcome);
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      log.warn({ err: error, rotationId: rotation.id }, 'the agent refused to cycle the radio');
      return failed(error.code === 'unsupported' ? 'unsupported' : 'internal_error');
    } finally {
      done.abort();
    }
  }

  async #judge(newIp: string): Promise<RotationResult> {
    const { rotation, store, clock, log } = this.#options;
    if (newIp === this.#oldIp) return { status: 'unchanged', newIp, reason: 'same_address' };
    const { uniqueHours } = rotation.settings;
    if (uniqueHours === null) return { status: 'succeeded', newIp, reason: null };
    const since = new Date(clock.now() - uniqueHours * 3_600_000);
    const recent = await store.hadAddress(rotation.deviceId, newIp, since).catch((error: unknown) => {
      log.warn({ err: error, rotationId: rotation.id }, 'earlier addresses not looked up');
      return false;
    });
    return recent
      ? { status: 'unchanged', newIp, reason: 'recent_address' }
      : { status: 'succeeded', newIp, reason: null };
  }

  /** Stores how far it is, for people to see: nothing depends on it, so a failure only costs the news. */
  #note(step: RunningStep): void {
    const { rotation, store, log } = this.#options;
    this.#notes = this.#notes
      .then(() => store.reach(rotation.id, step))
      .catch((error: unknown) => log.warn({ err: error, rotationId: rotation.id, step }, 'step not stored'));
  }

  /** Whether the change was stored. @throws {RotationGone} when there is nothing to change any more */
  async #stored(change: () => Promise<boolean>): Promise<boolean> {
    const { rotation, log } = this.#options;
    try {
      if (await change()) return true;
    } catch (error) {
      log.warn({ err: error, rotationId: rotation.id }, 'next attempt not stored');
      return false;
    }
    throw new RotationGone();
  }

  /** Stores the end, again and again while the database is away: the phone has been through it already. */
  async #finish(result: RotationResult): Promise<void> {
    const { rotation, store, clock, signal, log } = this.#options;
    const end = { result, at: new Date(clock.now()), learnedHoldSeconds: this.#learned };
    await this.#notes;
    for (;;) {
      try {
        if (await store.finish(rotation, end))
          log.info({ rotationId: rotation.id, ...result }, 'rotation ended');
        return;
      } catch (error) {
        if (signal.reason === ('stopping' satisfies GiveUp)) throw error;
        log.warn({ err: error, rotationId: rotation.id }, 'end of rotation not stored, will try again');
        await sleep(clock, STORE_AGAIN_MS, signal.aborted ? NEVER : signal);
      }
    }
  }

  async #giveUp(error: unknown): Promise<void> {
    const { signal, log, rotation } = this.#options;
    if (error instanceof RotationGone || signal.reason === ('stopping' satisfies GiveUp)) return;
    if (signal.reason === ('cancelled' satisfies GiveUp)) return await this.#finish(failed('cancelled'));
    log.error({ err: error, rotationId: rotation.id }, 'rotation failed');
    await this.#finish(failed('internal_error'));
  }
}

const NEVER = new AbortController().signal;
