/** Something that a device can do, or why it cannot and the step that makes it possible. */
export type Ability<T> = { readonly can: T } | Missing;

/** Why a device cannot do something. Both texts are for people. */
export interface Missing {
  readonly can: null;
  readonly reason: string;
  readonly fix: string;
}

/** The mobile radio. All three answer what there is to tell people, and reject with a `ControlError`. */
export interface Radio {
  off(): Promise<string>;
  /** Switching on what is on changes nothing. */
  on(): Promise<string>;
  status(): Promise<string>;
}

/** How a device is controlled. Actions answer what there is to tell people, and reject with a `ControlError`. */
export interface DeviceControls {
  readonly radio: Ability<Radio>;
  /** Resolves when the restart is under way; the agent is then asked to stop like every program. */
  readonly reboot: Ability<() => Promise<string>>;
  /** Makes the device heard or seen for some seconds, or until `signal` is aborted. */
  readonly findPhone: Ability<(seconds: number, signal: AbortSignal) => Promise<string>>;
  readonly wifi: Ability<(on: boolean) => Promise<string>>;
}

/** The device did not do as it was told; the message says why. */
export class ControlError extends Error {
  readonly code = 'control_failed';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ControlError';
  }
}
