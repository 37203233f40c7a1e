import type { TLSSocket } from 'node:tls';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { plainAddress } from '../domain/addresses.ts';
import type { DeviceStore } from '../domain/stores.ts';
import { DeviceSession } from './device-session.ts';
import type { Presence } from './presence.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { DevicePeer } from './tunnel-listener.ts';

/** Of the database's connections, others need some. */
const RECHECKS_AT_ONCE = 4;
const RECHECK_AGAIN_MS = 1_000;

export interface DeviceAdmissionOptions {
  readonly devices: Pick<DeviceStore, 'identity'>;
  readonly registry: SessionRegistry;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Turns an authenticated TLS connection into a registered session, if its key is still the device's. */
export class DeviceAdmission {
  readonly #options: DeviceAdmissionOptions;
  /** By device, each session with the key that it proved, those that are being admitted included. */
  readonly #keys = new Map<string, Map<DeviceSession, string>>();

  constructor(options: DeviceAdmissionOptions) {
    this.#options = options;
  }

  /** Never rejects; a socket that is not admitted is destroyed. */
  async admit(socket: TLSSocket, peer: DevicePeer): Promise<void> {
    const { devices, registry, presence, clock, log } = this.#options;
    const { deviceId } = peer;
    const address = plainAddress(socket.remoteAddress ?? '');
    // Made before the database is asked: the agent's first bytes must find their reader.
    const session = new DeviceSession(deviceId, socket, clock);
    // Known before the database is asked, so that a key that is replaced meanwhile is noticed either way.
    this.#remember(session, peer.keyFingerprint);
    try {
      const [identity] = await Promise.all([devices.identity(deviceId), session.ready]);
      if (identity?.keyFingerprint !== peer.keyFingerprint) {
        log.warn({ deviceId, address }, 'refused a device whose key is not valid any more');
        session.dismiss('revoked');
        return;
      }
      if (!session.usable) return;
      registry.add(session);
      log.info({ deviceId, address }, 'device connected');
      session.onClose(() => log.info({ deviceId, address }, 'device session ended'));
      await presence.follow(session);
    } catch (error) {
      // Without the database nobody can be admitted: the agent will dial again.
      log.warn({ err: error, deviceId, address }, 'session not admitted');
      session.destroy();
    }
  }

  /**
   * Ends the sessions of a device whose key is not the device's any more. A session with the new key stays, however
   * late this is heard. Tries until the database has answered; never rejects.
   */
  async recheck(deviceId: string): Promise<void> {
    const { devices, clock, log } = this.#options;
    if (!this.#keys.has(deviceId)) return;
    try {
      const identity = await devices.identity(deviceId);
      for (const [session, key] of this.#keys.get(deviceId) ?? []) {
        if (identity?.keyFingerprint !== key) session.dismiss('revoked');
      }
    } catch (error) {
      log.warn({ err: error, deviceId }, 'key of device not checked, will try again');
      clock.setTimeout(() => void this.recheck(deviceId), RECHECK_AGAIN_MS);
    }
  }

  /** The same for every device that has a session, a few at a time: changes may have been missed. */
  async recheckAll(): Promise<void> {
    const waiting = [...this.#keys.keys()];
    const worker = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await this.recheck(id);
    };
    await Promise.all(Array.from({ length: RECHECKS_AT_ONCE }, worker));
  }

  #remember(session: DeviceSession, key: string): void {
    const { deviceId } = session;
    const keys = this.#keys.get(deviceId) ?? new Map<DeviceSession, string>();
    this.#keys.set(deviceId, keys.set(session, key));
    session.onClose(() => {
      keys.delete(session);
      if (keys.size === 0) this.#keys.delete(deviceId);
    });
  }
}
