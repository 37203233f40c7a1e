import { FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { DeviceTunnels } from '../domain/device-tunnel.ts';
import type { Access } from '../domain/ingress.ts';
import type { NameIngress } from '../domain/vpn.ts';
import { checkAccess } from './access-check.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import type { LiveConnection } from './live-connection.ts';
import type { RotationGate } from './rotation-gate.ts';

export interface NameQueriesOptions {
  readonly directory: ConnectionDirectory;
  readonly tunnels: DeviceTunnels;
  readonly gate: RotationGate;
  readonly clock: Clock;
}

/** DNS queries of VPN clients: traffic of their connection like any other, except that they are no flows. */
export class NameQueries implements NameIngress {
  readonly #options: NameQueriesOptions;

  constructor(options: NameQueriesOptions) {
    this.#options = options;
  }

  async query(access: Access, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { directory, tunnels, gate, clock } = this.#options;
    const { connection, grant } = checkAccess(directory, clock, access);
    const { deviceId } = connection.snapshot;
    const ended = new AbortController();
    const abort = () => ended.abort();
    // Ends with the connection's flows, by whatever ends those.
    connection.enders.set(ended, grant);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      if (gate.isHeld(deviceId)) {
        await gate.wait(deviceId, clock.monotonic(), ended.signal);
        checkAccess(directory, clock, access);
      }
      if (ended.signal.aborted) throw new FlowError('request_timeout', 'The query was given up');
      const answer = await tunnels.pick(deviceId).queryDns(message, ended.signal);
      count(connection, message.length, answer.length);
      return answer;
    } finally {
      connection.enders.delete(ended);
      signal.removeEventListener('abort', abort);
    }
  }
}

function count(connection: LiveConnection, up: number, down: number): void {
  connection.usage.meter.up += up;
  connection.usage.meter.down += down;
  connection.left -= up + down;
  if (connection.left <= 0) connection.spent();
}
