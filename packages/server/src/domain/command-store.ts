import type { CommandOutcome } from '@pocketproxy/protocol';

/** A command that waits for its device, or was sent and has no outcome yet. */
export interface OpenCommand {
  readonly id: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Commands as the relay that delivers them reads and writes them. Each change is told on the bus. */
export interface CommandStore {
  /**
   * The oldest command of the device that is to be delivered, one that was sent before included: the device carries
   * an id out once. Commands to rotate are not delivered; their rotation ends them.
   */
  next(deviceId: string, now: Date): Promise<OpenCommand | null>;
  /** Answers false when the command has ended or is gone. */
  markSent(id: string, at: Date): Promise<boolean>;
  /** Stores the outcome, unless the command has ended or is gone. */
  finish(id: string, outcome: CommandOutcome, at: Date): Promise<void>;
}
