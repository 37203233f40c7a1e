import type { Hello, Telemetry } from '@pocketproxy/protocol';
import type { DeviceControls } from './controls.ts';

/** What a device can tell about itself; the address is the egress's to tell. */
export type DeviceTelemetry = Omit<Telemetry, 'egressAddress'>;

/** What this device is and what it can do. */
export interface Platform {
  /** As in `--platform`. */
  readonly name: string;
  hello(): Promise<Hello>;
  /** The state now; unknown values are `null`. Never rejects. */
  telemetry(): Promise<DeviceTelemetry>;
  /** What the device can be told to do now: looked up anew, because modems and permissions come and go. Never rejects. */
  controls(): Promise<DeviceControls>;
}
