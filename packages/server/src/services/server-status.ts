import type { RelayStatusView, ServerStatusView } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { RelayRecord, RelayStatusRepository } from '../db/relay-status-repository.ts';
import { isRelayAlive } from '../domain/device-status.ts';

export interface ServerStatusOptions {
  readonly repository: RelayStatusRepository;
  readonly clock: Clock;
  /** Of this server. */
  readonly version: string;
  readonly publicUrl: string;
  readonly hasMail: boolean;
}

/** What runs here, for those who run it. */
export class ServerStatus {
  readonly #options: ServerStatusOptions;

  constructor(options: ServerStatusOptions) {
    this.#options = options;
  }

  async view(): Promise<ServerStatusView> {
    const { repository, clock, version, publicUrl, hasMail } = this.#options;
    const [relays, databaseVersion] = await Promise.all([repository.relays(), repository.databaseVersion()]);
    return {
      ...{ version, nodeVersion: process.versions.node, databaseVersion, publicUrl },
      email: hasMail ? 'on' : 'off',
      relays: relays.map((relay) => relayView(relay, clock.now())),
    };
  }
}

function relayView(
  { vpnPort, vpnProblem, heartbeatAt, ...relay }: RelayRecord,
  now: number,
): RelayStatusView {
  const reason = vpnPort === null ? (vpnProblem ?? 'The relay has not told yet') : null;
  return {
    ...relay,
    alive: isRelayAlive(heartbeatAt, now),
    heartbeatAt: heartbeatAt.toISOString(),
    openVpn: { state: vpnPort === null ? 'off' : 'on', port: vpnPort, reason },
  };
}
