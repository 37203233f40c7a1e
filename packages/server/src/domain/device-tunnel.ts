import type { UdpDatagram } from '@pocketproxy/protocol';
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
}

/** Finds the session that carries a device's new flows. */
export interface DeviceTunnels {
  /** @throws {FlowError} `device_offline` when the device has no live session */
  pick(deviceId: string): DeviceTunnel;
}
