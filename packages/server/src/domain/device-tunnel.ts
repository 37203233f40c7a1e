import type { CommandOrder, CommandOutcome, UdpDatagram } from '@pocketproxy/protocol';
import type { FlowStream } from '@pocketproxy/runtime';
import type { Destination } from './ingress.ts';

export interface DialOptions {
  readonly allowPrivate: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface DatagramChannel {
  /** Encodes and sends; answers false, and sends nothing, while the tunnel is full. */
  send(datagram: UdpDatagram): boolean;
  close(): void;
  readonly closed: Promise<void>;
}

/** One live tunnel session of a device, as routing sees it. */
export interface DeviceTunnel {
  /** @throws {FlowError} with the agent's reason, or `tunnel_lost` */
  dial(destination: Destination, options: DialOptions): Promise<FlowStream>;
  /** @throws {FlowError} */
  openDatagrams(options: DialOptions, onDatagram: (datagram: UdpDatagram) => void): Promise<DatagramChannel>;
  /** The device's mobile address as the relay's echo endpoint saw it. @throws {FlowError} */
  exitIp(): Promise<string>;
  /**
   * The answer of the device's own resolver to a DNS query, over its egress path.
   * @throws {FlowError} `dns_timeout`, `egress_unavailable`, `unsupported` when its agent is older than this
   */
  queryDns(message: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Has the device carry out an order and answers its outcome. The device carries an id out once: asking again with
   * the same id, on any later session, answers the same outcome.
   * @throws {FlowError} `tunnel_lost` (the order may be under way all the same), `connect_timeout` when the device
   * did not answer in time, `unsupported` when its agent knows no orders, or `internal_error`
   */
  order(id: string, order: CommandOrder, signal?: AbortSignal): Promise<CommandOutcome>;
}

/** Finds the session that carries a device's new flows. */
export interface DeviceTunnels {
  /** @throws {FlowError} `device_offline` when the device has no live session */
  pick(deviceId: string): DeviceTunnel;
}

/** The live sessions of all devices, for work that outlives a session. */
export interface DeviceSessions extends DeviceTunnels {
  /** Whether the device has a session that takes new work. */
  has(deviceId: string): boolean;
  /** Devices that have a session. */
  connectedDevices(): Iterable<string>;
  /** Calls `listener` for each session that becomes ready. Answers a function that stops it. */
  onSession(listener: (deviceId: string) => void): () => void;
}
