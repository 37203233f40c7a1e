import type { ChannelType, NotificationEvent } from '@pocketproxy/protocol/api';

/** What is told: one of the events, or that somebody tries a channel. */
export type MessageEvent = NotificationEvent | 'channel.test';

/** Where one message goes. */
export interface Destination {
  readonly type: ChannelType;
  /** An e-mail address or a URL. */
  readonly target: string;
  /** Key that webhooks are signed with; `null` for e-mail. */
  readonly key: Uint8Array | null;
}

/** One message to one destination. It has the same id each time that it is sent. */
export interface Message {
  readonly id: string;
  readonly event: MessageEvent;
  readonly at: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Sends messages of one type of channel. */
export interface Sender {
  /**
   * Resolves when the receiver has taken the message.
   * @throws {DeliveryError} otherwise, at the latest after `SEND_TIMEOUT_MS`, or soon after `signal`
   */
  send(destination: Destination, message: Message, signal: AbortSignal): Promise<void>;
}

/** For how long a receiver may take, in milliseconds. */
export const SEND_TIMEOUT_MS = 10_000;

/** Why a message was not delivered, in words for the person who set up the channel. */
export class DeliveryError extends Error {
  /** Trying again is of no use. */
  readonly permanent: boolean;

  constructor(message: string, options: { permanent?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryError';
    this.permanent = options.permanent ?? false;
  }
}
