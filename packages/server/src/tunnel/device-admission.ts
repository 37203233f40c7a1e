import type { TLSSocket } from 'node:tls';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { plainAddress } from '../domain/addresses.ts';
import type { DeviceStore } from '../domain/stores.ts';
import { DeviceSession } from './device-session.ts';
import type { Presence } from './presence.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { DevicePeer } from './tunnel-listener.ts';

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
}
