import type { Hello, Telemetry } from '@pocketproxy/protocol';

/** What this device is and what it can tell about itself. */
export interface Platform {
  /** As in `--platform`. */
  readonly name: string;
  hello(): Promise<Hello>;
  /** The state now; unknown values are `null`. Never rejects. */
  telemetry(): Promise<Telemetry>;
}
