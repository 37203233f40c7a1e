import { type Duplex, PassThrough } from 'node:stream';
import { FlowError, type FlowErrorCode, type UdpDatagram } from '@pocketproxy/protocol';
import { type FlowStream, localWindow } from '@pocketproxy/runtime';
import type { Bus, BusEvent } from '../../domain/bus.ts';
import type { Connection, StoredCredential } from '../../domain/connection.ts';
import type {
  DatagramChannel,
  DeviceTunnel,
  DeviceTunnels,
  DialOptions,
} from '../../domain/device-tunnel.ts';
import type { Destination } from '../../domain/ingress.ts';
import type { CredentialVerifier } from '../../domain/secrets.ts';
import type { ConnectionStore, UsagePortion, UsageStore } from '../../domain/stores.ts';
import type { Ports } from '../connection-directory.ts';

/** A connection as stored, with what a test wants different. Its password is its hash. */
export function connectionRow(changes: Partial<Connection> = {}): Connection {
  return {
    id: 'c1',
    organizationId: 'o1',
    deviceId: 'd1',
    deviceName: 'Pixel',
    name: 'acme',
    port: 30_000,
    username: 'alice',
    credential: { scheme: 'hmac-sha256', hash: 'secret' },
    enabled: true,
    expiresAt: null,
    allowlist: [],
    quotaBytes: null,
    quotaPeriodStart: new Date('2026-01-01T00:00:00Z'),
    usedBytes: 0,
    countedUp: 0,
    countedDown: 0,
    speedLimitMbps: null,
    maxFlows: null,
    version: 1,
    allowPrivateDestinations: false,
    ...changes,
  };
}

export class FakeVerifier implements CredentialVerifier {
  checks = 0;

  verify(credential: StoredCredential, password: string): boolean | Promise<boolean> {
    this.checks += 1;
    return credential.hash === password;
  }
}

export class FakeConnectionStore implements ConnectionStore {
  rows: Connection[];
  broken = false;

  constructor(rows: Connection[]) {
    this.rows = rows;
  }

  async all(): Promise<Connection[]> {
    if (this.broken) throw new Error('database is away');
    return this.rows;
  }

  async byId(id: string): Promise<Connection | null> {
    if (this.broken) throw new Error('database is away');
    return this.rows.find((row) => row.id === id) ?? null;
  }
}

export class FakeUsageStore implements UsageStore {
  readonly portions: UsagePortion[] = [];
  broken = false;

  async add(portions: readonly UsagePortion[]): Promise<void> {
    if (this.broken) throw new Error('database is away');
    this.portions.push(...portions);
  }
}

/** Delivers events in this process, synchronously. */
export class FakeBus implements Bus {
  readonly published: BusEvent[] = [];
  readonly #handlers = new Set<{ type: string; handler: (event: never) => void }>();
  readonly #resync = new Set<() => void>();

  async publish(event: BusEvent): Promise<void> {
    this.published.push(event);
    for (const { type, handler } of this.#handlers) if (type === event.type) handler(event as never);
  }

  subscribe<T extends BusEvent['type']>(
    type: T,
    handler: (event: Extract<BusEvent, { type: T }>) => void,
  ): () => void {
    const entry = { type, handler };
    this.#handlers.add(entry);
    return () => this.#handlers.delete(entry);
  }

  onResync(handler: () => void): () => void {
    this.#resync.add(handler);
    return () => this.#resync.delete(handler);
  }

  resync(): void {
    for (const handler of this.#resync) handler();
  }
}

export class FakePorts implements Ports {
  readonly opened = new Set<number>();
  taken: number | null = null;

  async open(port: number): Promise<void> {
    if (port === this.taken) throw new Error(`port ${port} is taken`);
    this.opened.add(port);
  }

  close(port: number): void {
    this.opened.delete(port);
  }
}

/** A device whose flows end in an echo. */
export class FakeTunnels implements DeviceTunnels, DeviceTunnel {
  readonly dialled: Array<Destination & { allowPrivate: boolean }> = [];
  readonly streams: Duplex[] = [];
  online = true;
  failure: FlowErrorCode | null = null;
  /** Lets a test hold dials back. */
  gate: Promise<void> = Promise.resolve();
  channel: FakeChannel | null = null;

  pick(): DeviceTunnel {
    if (!this.online) throw new FlowError('device_offline');
    return this;
  }

  async dial(destination: Destination, { allowPrivate }: DialOptions): Promise<FlowStream> {
    this.dialled.push({ ...destination, allowPrivate });
    await this.gate;
    if (this.failure) throw new FlowError(this.failure);
    const stream = new PassThrough();
    stream.on('error', () => {});
    this.streams.push(stream);
    return { stream, window: localWindow, reset: () => stream.destroy(), wasReset: () => stream.destroyed };
  }

  async openDatagrams(
    _options: DialOptions,
    onDatagram: (datagram: UdpDatagram) => void,
  ): Promise<DatagramChannel> {
    this.channel = new FakeChannel(onDatagram);
    return this.channel;
  }

  async exitIp(): Promise<string> {
    return '198.51.100.7';
  }

  async queryDns(message: Uint8Array): Promise<Uint8Array> {
    return message;
  }

  async order(): Promise<never> {
    throw new FlowError('unsupported');
  }
}

export class FakeChannel implements DatagramChannel {
  readonly sent: UdpDatagram[] = [];
  readonly closed: Promise<void>;
  readonly deliver: (datagram: UdpDatagram) => void;
  full = false;
  close!: () => void;

  constructor(deliver: (datagram: UdpDatagram) => void) {
    this.deliver = deliver;
    this.closed = new Promise((resolve) => {
      this.close = resolve;
    });
  }

  send(datagram: UdpDatagram): boolean {
    if (!this.full) this.sent.push(datagram);
    return !this.full;
  }
}
