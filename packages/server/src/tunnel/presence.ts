import type { Readable } from 'node:stream';
import {
  OFFLINE_AFTER_MS,
  TELEMETRY_INTERVAL_MS,
  type Telemetry,
  type TelemetryLine,
  telemetryLineSchema,
} from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { DeviceStore, DeviceTelemetryRow } from '../domain/stores.ts';
import type { ExitAddresses, ExitAddressSource } from './exit-addresses.ts';

const FLUSH_INTERVAL_MS = 1_000;
const RETRY_MS = 1_000;
const LINE_LIMIT_BYTES = 16 * 1024;

/** The part of a session that tells about the device. */
export interface TelemetrySource extends ExitAddressSource {
  openTelemetry(): Promise<Readable>;
  destroy(): void;
}

export interface PresenceOptions {
  readonly relayId: string;
  readonly devices: DeviceStore;
  readonly exitAddresses: ExitAddresses;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Writes to the database who is connected here and what each device reports, many devices in one statement. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #pending = new Map<string, DeviceTelemetryRow>();
  /** Writes about one device happen in order, so that a quick reconnect cannot end as "disconnected". */
  readonly #queues = new Map<string, Promise<boolean>>();
  /** By device, what could not be stored and nothing newer has come since. */
  readonly #retries = new Map<string, Timer>();
  readonly #timer: Timer;
  #flushing: Promise<void> | null = null;
  #stopped = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#timer = options.clock.setInterval(() => void this.#flush(), FLUSH_INTERVAL_MS);
  }

  connected(deviceId: string): void {
    const { devices, relayId, clock } = this.#options;
    this.#enqueue(deviceId, () => devices.markConnected(deviceId, relayId, new Date(clock.now())));
  }

  disconnected(deviceId: string): void {
    const { devices, relayId, clock } = this.#options;
    this.#enqueue(deviceId, () => devices.markDisconnected(deviceId, relayId, new Date(clock.now())));
  }

  /** Follows one session's telemetry until it ends. A stream that breaks the rules ends the session. */
  async follow(session: TelemetrySource): Promise<void> {
    let egressAddress: string | null = null;
    // The heartbeat: a session whose agent answers PINGs but reports nothing is not a working phone.
    let silence = this.#silenceTimer(session);
    const stopWatching = this.#options.exitAddresses.watch(session);
    try {
      const stream = await session.openTelemetry();
      for await (const line of readLines(stream)) {
        silence.cancel();
        silence = this.#silenceTimer(session);
        if (line.type === 'hello') {
          await this.#options.devices.recordHello(session.deviceId, line);
          continue;
        }
        this.#record(session.deviceId, line);
        if (line.egressAddress !== egressAddress) {
          egressAddress = line.egressAddress;
          if (egressAddress !== null) this.#options.exitAddresses.observe(session);
        }
      }
    } catch (error) {
      this.#options.log.warn({ err: error, deviceId: session.deviceId }, 'telemetry failed');
    } finally {
      silence.cancel();
      stopWatching();
      session.destroy();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.cancel();
    for (const retry of this.#retries.values()) retry.cancel();
    await this.#flushing;
    await this.#flush();
    await Promise.all(this.#queues.values());
  }

  #silenceTimer(session: TelemetrySource): Timer {
    return this.#options.clock.setTimeout(() => session.destroy(), OFFLINE_AFTER_MS);
  }

  #record(deviceId: string, telemetry: Telemetry): void {
    this.#pending.set(deviceId, { deviceId, at: new Date(this.#options.clock.now()), telemetry });
  }

  /** One after the other: what comes meanwhile goes with the next. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    if (this.#pending.size === 0) return;
    const rows = [...this.#pending.values()];
    this.#pending.clear();
    try {
      await this.#options.devices.recordTelemetry(rows);
    } catch (error) {
      this.#options.log.warn({ err: error, devices: rows.length }, 'telemetry not stored, will try again');
      // Unless the device has said something newer, or should have by now.
      const since = this.#options.clock.now() - TELEMETRY_INTERVAL_MS;
      for (const row of rows) {
        if (!this.#pending.has(row.deviceId) && row.at.getTime() > since)
          this.#pending.set(row.deviceId, row);
      }
    }
  }

  #enqueue(deviceId: string, write: () => Promise<void>): void {
    this.#retries.get(deviceId)?.cancel();
    this.#retries.delete(deviceId);
    const before: Promise<unknown> = this.#queues.get(deviceId) ?? Promise.resolve();
    const next = before.then(write).then(
      () => true,
      (error: unknown) => {
        this.#options.log.warn({ err: error, deviceId }, 'presence not stored, will try again');
        return false;
      },
    );
    this.#queues.set(deviceId, next);
    void next.then((isStored) => {
      if (this.#queues.get(deviceId) !== next) return;
      this.#queues.delete(deviceId);
      if (!isStored && !this.#stopped) this.#enqueueLater(deviceId, write);
    });
  }

  /** A phone would be shown as gone for as long as its session lasts, or as here for good. */
  #enqueueLater(deviceId: string, write: () => Promise<void>): void {
    const retry = this.#options.clock.setTimeout(() => this.#enqueue(deviceId, write), RETRY_MS);
    this.#retries.set(deviceId, retry);
  }
}

/** @throws {Error} on a line that is too long or not of the schema. */
async function* readLines(stream: Readable): AsyncGenerator<TelemetryLine> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield telemetryLineSchema.parse(JSON.parse(line));
    if (text.length > LINE_LIMIT_BYTES) throw new Error('telemetry line too long');
  }
}
