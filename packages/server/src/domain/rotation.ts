import type { RotationReason, RotationTrigger } from '@pocketproxy/protocol/api';

/** How a device rotates, as its owner has set it and as earlier rotations have taught. */
export interface RotationSettings {
  /** For how long the radio stays off, as a person has set it; `null`: as learned. */
  readonly holdSeconds: number | null;
  /** What an earlier rotation showed to be needed. */
  readonly learnedHoldSeconds: number | null;
  /** Further attempts after the first. */
  readonly retries: number;
  /** For how long each new flow waits for the rotation. */
  readonly waitSeconds: number;
  /** A new address counts only if the device did not have it for this long. */
  readonly uniqueHours: number | null;
}

/** A rotation that has not ended, and what must be known of its device. */
export interface OpenRotation {
  readonly id: string;
  readonly deviceId: string;
  readonly status: 'queued' | 'running';
  readonly trigger: RotationTrigger;
  /** Radio cycles so far, the running one included; 0 while it is queued. */
  readonly attempt: number;
  /** Of the running attempt. */
  readonly holdSeconds: number | null;
  readonly oldIp: string | null;
  readonly settings: RotationSettings;
  /** The device's address as it was last observed. */
  readonly exitIp: string | null;
  readonly exitIpAt: Date | null;
  /** Last heartbeat of the device. */
  readonly lastSeenAt: Date | null;
}

/** Steps of a rotation that is running. */
export type RunningStep = 'radio' | 'registering' | 'observing';

/** What became of a rotation, or of one attempt. `newIp` is the address that was observed. */
export type RotationResult =
  | { readonly status: 'succeeded'; readonly newIp: string; readonly reason: null }
  | {
      readonly status: 'unchanged';
      readonly newIp: string;
      readonly reason: 'same_address' | 'recent_address';
    }
  | { readonly status: 'failed'; readonly newIp: null; readonly reason: RotationReason };

/** How a rotation ended. */
export interface RotationEnd {
  readonly result: RotationResult;
  readonly at: Date;
  /** A hold time that this rotation showed to be needed; `null`: nothing was learned. */
  readonly learnedHoldSeconds: number | null;
}

/** A rotation by its id; the device is locked before the rotation, so its id is needed as well. */
export interface RotationRef {
  readonly id: string;
  readonly deviceId: string;
}

/** Rotations as the relay that carries them out reads and writes them. Each change is told on the bus. */
export interface RotationStore {
  /** Open rotations of the relay's devices. */
  open(relayId: string): Promise<OpenRotation[]>;
  /** The open rotation of one device, if it is the relay's and has one. */
  openOf(relayId: string, deviceId: string): Promise<OpenRotation | null>;
  /**
   * Makes a queued rotation run its first attempt. Answers the old address, or `null` when it is no longer queued.
   * @param attempt.observedIp what the address is now, recorded as a natural change if it was not known; `null`: what
   * is stored counts
   */
  begin(
    rotation: RotationRef,
    attempt: { readonly holdSeconds: number; readonly observedIp: string | null; readonly at: Date },
  ): Promise<{ readonly oldIp: string | null } | null>;
  /** Begins a further attempt. Answers false when the rotation is no longer running. */
  retry(id: string, attempt: { readonly attempt: number; readonly holdSeconds: number }): Promise<boolean>;
  /** Says how far a running rotation is. */
  reach(id: string, step: RunningStep): Promise<void>;
  /** Whether the device had `ip` at any time since. */
  hadAddress(deviceId: string, ip: string, since: Date): Promise<boolean>;
  /**
   * Stores the end with everything that follows from it, all or nothing: the device's address, its history, commands
   * that asked for the rotation, messages. Answers false when the rotation had ended already.
   */
  finish(rotation: RotationRef, end: RotationEnd): Promise<boolean>;
}

/** What a rotation does to flows. */
export interface RotationHold {
  /** Ends all flows of the device and lets new ones wait, each for at most `waitMs`. */
  hold(deviceId: string, waitMs: number): void;
  /** Lets the waiting flows go on. */
  release(deviceId: string): void;
}
