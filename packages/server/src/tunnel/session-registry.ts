import { FlowError, type GoawayReason } from '@pocketproxy/protocol';
import type { DeviceSessions, DeviceTunnel } from '../domain/device-tunnel.ts';

/** What the registry needs of a session. */
export interface RegisteredSession extends DeviceTunnel {
  readonly deviceId: string;
  readonly usable: boolean;
  probe(): void;
  dismiss(reason: GoawayReason): void;
  onClose(listener: () => void): void;
}

export interface RegistryEvents {
  /** The device had no session and has one now. */
  connected(deviceId: string): void;
  /** The device's last session ended. */
  disconnected(deviceId: string): void;
}

/** Live sessions by device; the newest usable one carries new flows. */
export class SessionRegistry implements DeviceSessions {
  readonly #sessions = new Map<string, RegisteredSession[]>();
  readonly #events: RegistryEvents;
  readonly #listeners = new Set<(deviceId: string) => void>();

  constructor(events: RegistryEvents) {
    this.#events = events;
  }

  /** Number of devices with a session. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Takes a session over. Older sessions of the device keep their flows, but must answer a PING soon: a phone whose
   * network changed leaves a dead one behind, an agent with several sessions does not.
   */
  add(session: RegisteredSession): void {
    const { deviceId } = session;
    const older = this.#sessions.get(deviceId);
    if (older) {
      older.push(session);
      for (const other of older) if (other !== session) other.probe();
    } else {
      this.#sessions.set(deviceId, [session]);
      this.#events.connected(deviceId);
    }
    session.onClose(() => this.#remove(session));
    for (const listener of [...this.#listeners]) listener(deviceId);
  }

  pick(deviceId: string): DeviceTunnel {
    const session = this.#newestUsable(deviceId);
    if (!session) throw new FlowError('device_offline');
    return session;
  }

  has(deviceId: string): boolean {
    return this.#newestUsable(deviceId) !== undefined;
  }

  connectedDevices(): Iterable<string> {
    return this.#sessions.keys();
  }

  onSession(listener: (deviceId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends every session because the relay stops. */
  dismissAll(): void {
    for (const sessions of [...this.#sessions.values()])
      for (const session of [...sessions]) session.dismiss('restarting');
  }

  #newestUsable(deviceId: string): RegisteredSession | undefined {
    return this.#sessions.get(deviceId)?.findLast((candidate) => candidate.usable);
  }

  /** A session removes only itself: a newer one of the same device stays. */
  #remove(session: RegisteredSession): void {
    const sessions = this.#sessions.get(session.deviceId);
    const at = sessions?.indexOf(session) ?? -1;
    if (!sessions || at === -1) return;
    sessions.splice(at, 1);
    if (sessions.length > 0) return;
    this.#sessions.delete(session.deviceId);
    this.#events.disconnected(session.deviceId);
  }
}
