import type { Hello, Telemetry } from '@pocketproxy/protocol';

/** What a device can tell about itself; the address is the egress's to tell. */
export type DeviceTelemetry = Omit<Telemetry, 'egressAddress'>;

/** What this device is and what it can do. */
export interface Platform {
  /** As in `--platform`. */
  readonly name: string;
  hello(): Promise<Hello>;
  /** The state now; unknown values are `null`. Never rejects. */
  telemetry(): Promise<DeviceTelemetry>;
}
