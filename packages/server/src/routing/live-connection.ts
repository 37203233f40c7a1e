import type { FlowErrorCode } from '@pocketproxy/protocol';
import type { Bridge, Clock, FlowLimits, RateLimit } from '@pocketproxy/runtime';
import type { Connection } from '../domain/connection.ts';
import type { UsagePortion } from '../domain/stores.ts';
import { Allowlist } from './allowlist.ts';
import { Grant } from './grant.ts';
import { SpeedLimit } from './speed-limit.ts';
import { UsageAccount } from './usage-account.ts';

/** What can be ended at once: a flow, an association, or the opening of one. */
export type Ender = Pick<Bridge, 'abort'>;

/** One connection as this relay serves it: the stored snapshot and what lives only here. */
export class LiveConnection implements FlowLimits {
  readonly usage: UsageAccount;
  /** Each flow and association of this connection, with how its client was let in. */
  readonly enders = new Map<Ender, Grant>();
  /** The same for sessions of VPN clients: they outlive their flows, and end only when their client may not go on. */
  readonly sessions = new Map<Ender, Grant>();
  /** Flows that are open or being dialled. */
  openFlows = 0;
  /** Bytes until the quota is spent; flows count it down, so that the quota costs one subtraction per chunk. */
  left = Number.POSITIVE_INFINITY;
  readonly #speed: SpeedLimit;
  #allowlist: Allowlist;
  #snapshot: Connection;
  #passwordGrant: Grant;
  #retired = false;
  /** How many flows the database was last told of. */
  #storedFlows = 0;

  constructor(snapshot: Connection, clock: Clock) {
    this.#snapshot = snapshot;
    this.#passwordGrant = Grant.byPassword(snapshot);
    this.#allowlist = new Allowlist(snapshot.allowlist);
    this.usage = new UsageAccount(snapshot);
    this.#speed = new SpeedLimit(clock, snapshot.speedLimitMbps);
    this.#countDown();
  }

  get snapshot(): Connection {
    return this.#snapshot;
  }

  get up(): RateLimit | null {
    return this.#speed.up;
  }

  get down(): RateLimit | null {
    return this.#speed.down;
  }

  /** For clients that sent the right password. */
  get passwordGrant(): Grant {
    return this.#passwordGrant;
  }

  /** For a client whose address needs no password, or `null`. */
  addressGrant(address: string): Grant | null {
    return this.#allowlist.includes(address) ? Grant.byAddress(this.#snapshot, address) : null;
  }

  /** Whether a client of this address needs no password. */
  allows(address: string): boolean {
    return this.#allowlist.includes(address);
  }

  /** Whether a client that was let in would still be. */
  honours(grant: Grant): boolean {
    return grant.holds(this.#snapshot, (address) => this.#allowlist.includes(address));
  }

  /** Takes over a newer row, and ends the flows that may not go on under it. */
  update(snapshot: Connection, now: number): void {
    this.#snapshot = snapshot;
    this.#allowlist = new Allowlist(snapshot.allowlist);
    if (!this.honours(this.#passwordGrant) || this.#passwordGrant.connectionName !== snapshot.name) {
      this.#passwordGrant = Grant.byPassword(snapshot);
    }
    this.usage.update(snapshot);
    this.#speed.set(snapshot.speedLimitMbps);
    this.#countDown();
    if (this.endedBy(now) !== null) this.endAll();
    else this.#endDishonoured();
  }

  /** Bytes of the quota period, those not yet stored included. */
  get usedBytes(): number {
    return this.usage.usedBytes;
  }

  /** Why no new flow may start now, or `null`. */
  refusal(now: number): FlowErrorCode | null {
    const ended = this.endedBy(now);
    if (ended !== null) return ended;
    const { maxFlows } = this.#snapshot;
    return maxFlows !== null && this.openFlows >= maxFlows ? 'too_many_flows' : null;
  }

  /** Why flows that are open may not go on, or `null`. */
  endedBy(now: number): FlowErrorCode | null {
    const { enabled, expiresAt } = this.#snapshot;
    if (!enabled || this.#retired) return 'connection_disabled';
    if (expiresAt !== null && expiresAt.getTime() <= now) return 'connection_expired';
    return this.left <= 0 ? 'quota_exceeded' : null;
  }

  /** The quota is spent: flows end with the chunk that spent it. */
  spent(): void {
    this.endAll();
  }

  /** It was deleted: whoever still holds it gets nothing from it. */
  retire(): void {
    this.#retired = true;
    this.endAll();
  }

  /** Nothing is running and every byte is stored. */
  get settled(): boolean {
    return this.enders.size === 0 && this.usage.isStored;
  }

  /** What the database may not know yet, or `null`. */
  portion(): UsagePortion | null {
    const { openFlows } = this;
    if (this.usage.isStored && openFlows === this.#storedFlows) return null;
    return { ...this.usage.unstored(this.#snapshot), openFlows };
  }

  /** Notes that the database has a portion. */
  noteStored(portion: UsagePortion): void {
    this.usage.noteStored(portion);
    this.#storedFlows = portion.openFlows;
  }

  abortFlows(): void {
    for (const ender of [...this.enders.keys()]) ender.abort();
  }

  /** Nobody may go on. */
  endAll(): void {
    for (const session of [...this.sessions.keys()]) session.abort();
    this.abortFlows();
  }

  /** Those who would not be let in any more. */
  #endDishonoured(): void {
    for (const [ender, grant] of [...this.sessions, ...this.enders]) if (!this.honours(grant)) ender.abort();
  }

  #countDown(): void {
    const { quotaBytes } = this.#snapshot;
    this.left = quotaBytes === null ? Number.POSITIVE_INFINITY : quotaBytes - this.usage.usedBytes;
  }
}
