import type { Mailer } from './mailer.ts';
import { DeliveryError, type Destination, type Message, type Sender } from './message.ts';
import { wordsOf } from './words.ts';

/** What is said where e-mail cannot be sent. */
export const MAIL_IS_OFF =
  'E-mail is off. Set POCKETPROXY_SMTP_URL and POCKETPROXY_MAIL_FROM and start the server again';

const FOOTER =
  'You get this because a notification channel of PocketProxy sends to this address. Channels are changed there.';

/** Sends messages as e-mail. */
export class MailSender implements Sender {
  readonly #mailer: Mailer | null;
  readonly #publicUrl: string;

  /** `mailer`: `null` when e-mail is off. */
  constructor(mailer: Mailer | null, publicUrl: string) {
    this.#mailer = mailer;
    this.#publicUrl = publicUrl;
  }

  async send({ target }: Destination, message: Message, signal: AbortSignal): Promise<void> {
    if (!this.#mailer) throw new DeliveryError(MAIL_IS_OFF);
    const { id, at } = message;
    const link = linkOf(message, this.#publicUrl);
    await this.#mailer.send({ id, to: target, words: wordsOf(message), at, link, footer: FOOTER }, signal);
  }
}

function linkOf({ data }: Message, publicUrl: string) {
  const { deviceId } = data;
  return typeof deviceId === 'string'
    ? { label: 'Open the phone', url: `${publicUrl}/devices/${encodeURIComponent(deviceId)}` }
    : { label: 'Open PocketProxy', url: publicUrl };
}
