import { type CommandOrder, type CommandOutcome, commandOrderSchema, FlowError } from '@pocketproxy/protocol';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Bus } from '../domain/bus.ts';
import type { CommandStore, OpenCommand } from '../domain/command-store.ts';
import type { DeviceSessions } from '../domain/device-tunnel.ts';

/** After the database was away. */
const TRY_AGAIN_MS = 5_000;

export interface CommandDeliveryOptions {
  readonly store: CommandStore;
  readonly sessions: DeviceSessions;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Brings commands to the devices that are connected here, one at a time per device and in their order. A command whose
 * tunnel was lost goes out again under the same id when the device is back, and brings the outcome of the first time.
 */
export class CommandDelivery {
  readonly #options: CommandDeliveryOptions;
  /** Devices that are being served; `true` when something was heard of them meanwhile. */
  readonly #serving = new Map<string, boolean>();
  /** Devices whose tunnel was lost while they carried a command out. */
  readonly #lost = new Set<string>();
  readonly #stopped = new AbortController();

  constructor(options: CommandDeliveryOptions) {
    this.#options = options;
  }

  /** Follows the bus and the sessions. Answers a function that stops; orders under way are asked for again later. */
  start(): () => void {
    const { bus, sessions } = this.#options;
    const stops = [
      bus.subscribe('command.changed', ({ deviceId }) => void this.#serve(deviceId)),
      sessions.onSession((deviceId) => void this.#serve(deviceId)),
      bus.onResync(() => {
        for (const deviceId of [...sessions.connectedDevices()]) void this.#serve(deviceId);
      }),
    ];
    return () => {
      this.#stopped.abort();
      for (const stop of stops) stop();
    };
  }

  async #serve(deviceId: string): Promise<void> {
    const { sessions, log } = this.#options;
    if (this.#serving.has(deviceId)) {
      this.#serving.set(deviceId, true);
      return;
    }
    if (this.#stopped.signal.aborted || !sessions.has(deviceId)) return;
    this.#serving.set(deviceId, false);
    try {
      while (await this.#deliverNext(deviceId)) this.#serving.set(deviceId, false);
      // A lost session ends this, too: the next one is told of, but another that stayed is not.
      if (sessions.has(deviceId) && this.#lost.delete(deviceId)) this.#serveLater(deviceId);
    } catch (error) {
      log.warn({ err: error, deviceId }, 'commands not delivered, will try again');
      this.#serveLater(deviceId);
    }
    const again = this.#serving.get(deviceId);
    this.#serving.delete(deviceId);
    if (again) await this.#serve(deviceId);
  }

  #serveLater(deviceId: string): void {
    this.#options.clock.setTimeout(() => void this.#serve(deviceId), TRY_AGAIN_MS);
  }

  /** Answers whether there may be more to do. */
  async #deliverNext(deviceId: string): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const command = await store.next(deviceId, new Date(clock.now()));
    if (command === null) return false;
    if (!(await store.markSent(command.id, new Date(clock.now())))) return true;
    const outcome = await this.#carryOut(deviceId, command);
    if (outcome === null) {
      this.#lost.add(deviceId);
      return false;
    }
    log.info({ deviceId, commandId: command.id, type: command.type, ...outcome }, 'command done');
    await store.finish(command.id, outcome, new Date(clock.now()));
    return true;
  }

  /** `null`: the tunnel was lost; the next session asks again. */
  async #carryOut(deviceId: string, { id, type, params }: OpenCommand): Promise<CommandOutcome | null> {
    const order = commandOrderSchema.safeParse({ ...params, type });
    if (!order.success) return failed('unsupported', 'This relay does not know the command; update it');
    try {
      return await this.#order(deviceId, id, order.data);
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      if (this.#stopped.signal.aborted || error.code === 'tunnel_lost' || error.code === 'device_offline')
        return null;
      return failed(error.code === 'unsupported' ? 'unsupported' : 'failed', error.detail);
    }
  }

  async #order(deviceId: string, id: string, order: CommandOrder): Promise<CommandOutcome> {
    return await this.#options.sessions.pick(deviceId).order(id, order, this.#stopped.signal);
  }
}

function failed(reason: 'unsupported' | 'failed', output: string): CommandOutcome {
  return { status: 'failed', reason, output };
}
