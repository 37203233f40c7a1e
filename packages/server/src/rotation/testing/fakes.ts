import { type CommandOrder, type CommandOutcome, FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { Bus, BusEvent } from '../../domain/bus.ts';
import type { DeviceSessions, DeviceTunnel } from '../../domain/device-tunnel.ts';
import type {
  OpenRotation,
  RotationEnd,
  RotationHold,
  RotationRef,
  RotationSettings,
  RotationStore,
  RunningStep,
} from '../../domain/rotation.ts';

export const DONE: CommandOutcome = { status: 'succeeded', reason: null, output: '' };

/** A queued rotation of device d1, whose address was observed a moment ago. */
export function queuedRotation(
  changes: Partial<OpenRotation> = {},
  settings: Partial<RotationSettings> = {},
): OpenRotation {
  return {
    ...{ id: 'r1', deviceId: 'd1', status: 'queued', trigger: 'manual', attempt: 0, holdSeconds: null },
    ...{ oldIp: null, exitIp: '198.51.100.1', exitIpAt: new Date(Date.UTC(2026, 0, 1)) },
    lastSeenAt: new Date(Date.UTC(2026, 0, 1)),
    settings: {
      ...{ holdSeconds: null, learnedHoldSeconds: null, retries: 2, waitSeconds: 30, uniqueHours: null },
      ...settings,
    },
    ...changes,
  };
}

/** Rotations in memory. */
export class FakeRotationStore implements RotationStore {
  readonly #rows = new Map<string, OpenRotation & { ended?: RotationEnd }>();
  /** What was stored, in order. */
  readonly log: string[] = [];
  readonly ends: RotationEnd[] = [];
  readonly recent = new Set<string>();
  /** Calls that fail before the next one works. */
  broken = 0;

  constructor(...rotations: OpenRotation[]) {
    for (const rotation of rotations) this.#rows.set(rotation.id, rotation);
  }

  async open(): Promise<OpenRotation[]> {
    return [...this.#rows.values()].filter(({ ended }) => !ended);
  }

  async openOf(_relayId: string, deviceId: string): Promise<OpenRotation | null> {
    return (await this.open()).find((row) => row.deviceId === deviceId) ?? null;
  }

  async begin(
    { id }: RotationRef,
    { holdSeconds, observedIp }: { readonly holdSeconds: number; readonly observedIp: string | null },
  ): Promise<{ readonly oldIp: string | null } | null> {
    const row = this.#rows.get(id);
    if (row?.status !== 'queued' || row.ended) return null;
    const oldIp = observedIp ?? row.exitIp;
    this.#rows.set(id, { ...row, oldIp, holdSeconds, status: 'running', attempt: 1 });
    this.log.push(`begin ${holdSeconds}s from ${oldIp}`);
    return { oldIp };
  }

  async retry(
    id: string,
    attempt: { readonly attempt: number; readonly holdSeconds: number },
  ): Promise<boolean> {
    this.#fail();
    const row = this.#rows.get(id);
    if (!row || row.ended) return false;
    this.#rows.set(id, { ...row, ...attempt });
    this.log.push(`attempt ${attempt.attempt} ${attempt.holdSeconds}s`);
    return true;
  }

  async reach(_id: string, step: RunningStep): Promise<void> {
    this.#fail();
    this.log.push(step);
  }

  async hadAddress(_deviceId: string, ip: string): Promise<boolean> {
    return this.recent.has(ip);
  }

  async finish({ id }: RotationRef, end: RotationEnd): Promise<boolean> {
    this.#fail();
    const row = this.#rows.get(id);
    if (!row || row.ended) return false;
    this.#rows.set(id, { ...row, ended: end });
    this.ends.push(end);
    const { status, reason, newIp } = end.result;
    this.log.push([status, reason, newIp].filter(Boolean).join(' '));
    return true;
  }

  add(rotation: OpenRotation): void {
    this.#rows.set(rotation.id, rotation);
  }

  /** As a deleted device does. */
  delete(id: string): void {
    this.#rows.delete(id);
  }

  #fail(): void {
    if (this.broken === 0) return;
    this.broken -= 1;
    throw new Error('database is away');
  }
}

/** A phone whose radio, addresses and tunnel a test controls. */
export class FakePhone implements DeviceSessions, DeviceTunnel {
  readonly orders: string[] = [];
  ip: string | null = '198.51.100.1';
  /** What the radio order does. */
  onOrder: (attempt: number, order: CommandOrder) => Promise<CommandOutcome>;
  #online = true;
  readonly #listeners = new Set<(deviceId: string) => void>();

  constructor(onOrder: FakePhone['onOrder']) {
    this.onOrder = onOrder;
  }

  pick(): DeviceTunnel {
    if (!this.#online) throw new FlowError('device_offline');
    return this;
  }

  has(): boolean {
    return this.#online;
  }

  *connectedDevices(): Iterable<string> {
    if (this.#online) yield 'd1';
  }

  onSession(listener: (deviceId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  disconnect(): void {
    this.#online = false;
  }

  connect(): void {
    this.#online = true;
    for (const listener of [...this.#listeners]) listener('d1');
  }

  async order(id: string, order: CommandOrder, signal?: AbortSignal): Promise<CommandOutcome> {
    this.orders.push(order.type === 'rotate_ip' ? `${id} ${order.holdSeconds}s` : id);
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new FlowError('request_timeout')));
    });
    return await Promise.race([this.onOrder(this.orders.length, order), aborted]);
  }

  async exitIp(): Promise<string> {
    if (this.ip === null) throw new FlowError('egress_unavailable');
    return this.ip;
  }

  async dial(): Promise<never> {
    throw new FlowError('unsupported');
  }

  async openDatagrams(): Promise<never> {
    throw new FlowError('unsupported');
  }

  async queryDns(): Promise<never> {
    throw new FlowError('unsupported');
  }
}

export class FakeHold implements RotationHold {
  readonly held = new Map<string, number>();
  readonly log: string[] = [];

  hold(deviceId: string, waitMs: number): void {
    this.held.set(deviceId, waitMs);
    this.log.push('hold');
  }

  release(deviceId: string): void {
    if (this.held.delete(deviceId)) this.log.push('release');
  }
}

/** Delivers events in this process, synchronously. */
export class FakeBus implements Bus {
  readonly #handlers = new Map<(event: never) => void, string>();
  readonly #resync = new Set<() => void>();

  async publish(event: BusEvent): Promise<void> {
    for (const [handler, type] of this.#handlers) if (type === event.type) handler(event as never);
  }

  subscribe<T extends BusEvent['type']>(
    type: T,
    handler: (event: Extract<BusEvent, { type: T }>) => void,
  ): () => void {
    this.#handlers.set(handler as (event: never) => void, type);
    return () => this.#handlers.delete(handler as (event: never) => void);
  }

  onResync(handler: () => void): () => void {
    this.#resync.add(handler);
    return () => this.#resync.delete(handler);
  }

  resync(): void {
    for (const handler of this.#resync) handler();
  }
}

/** Resolves after `ms` of a clock. */
export function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
