import type { FlowErrorCode } from '@pocketproxy/protocol';
import type { Bridge, ByteMeter } from '@pocketproxy/runtime';
import type { Connection } from '../domain/connection.ts';
import type { Access } from '../domain/ingress.ts';
import { Allowlist } from './allowlist.ts';

/** One connection as this relay serves it: the stored snapshot and what lives only here. */
export class LiveConnection {
  /** Bytes since this process started; grows while flows run. */
  readonly meter: ByteMeter = { up: 0, down: 0 };
  /** The part of `meter` that the database has. */
  readonly flushed: ByteMeter = { up: 0, down: 0 };
  /** Ends each flow and association of this connection. */
  readonly enders = new Set<Pick<Bridge, 'abort'>>();
  /** Flows that are open or being dialled. */
  openFlows = 0;
  allowlist: Allowlist;
  #snapshot: Connection;
  #access: Access;
  /** `snapshot.usedBytes` covers this much of `meter`. */
  #coveredBytes = 0;

  constructor(snapshot: Connection) {
    this.#snapshot = snapshot;
    this.#access = accessOf(snapshot);
    this.allowlist = new Allowlist(snapshot.allowlist);
  }

  /** What listeners hold of an authenticated client. */
  get access(): Access {
    return this.#access;
  }

  get snapshot(): Connection {
    return this.#snapshot;
  }

  /** Takes over a newer row. */
  update(snapshot: Connection): void {
    this.#snapshot = snapshot;
    this.#access = accessOf(snapshot);
    this.#coveredBytes = this.flushed.up + this.flushed.down;
    this.allowlist = new Allowlist(snapshot.allowlist);
  }

  /** Counted bytes of the quota period, those not yet stored included. */
  get usedBytes(): number {
    return this.#snapshot.usedBytes + this.meter.up + this.meter.down - this.#coveredBytes;
  }

  /** Why no new flow may start now, or `null`. */
  refusal(now: number): FlowErrorCode | null {
    const { enabled, expiresAt, quotaBytes, maxFlows } = this.#snapshot;
    if (!enabled) return 'connection_disabled';
    if (expiresAt !== null && expiresAt.getTime() <= now) return 'connection_expired';
    if (quotaBytes !== null && this.usedBytes >= quotaBytes) return 'quota_exceeded';
    if (maxFlows !== null && this.openFlows >= maxFlows) return 'too_many_flows';
    return null;
  }

  /** Nothing is running and every byte is stored. */
  get settled(): boolean {
    return (
      this.enders.size === 0 && this.meter.up === this.flushed.up && this.meter.down === this.flushed.down
    );
  }

  abortFlows(): void {
    for (const ender of [...this.enders]) ender.abort();
  }
}

function accessOf({ id, name, deviceId }: Connection): Access {
  return { connectionId: id, connectionName: name, deviceId };
}
