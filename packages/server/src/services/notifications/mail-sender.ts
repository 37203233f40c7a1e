import { isIP } from 'node:net';
import { isLoopbackAddress } from '@pocketproxy/protocol';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { MailAddress } from '../../domain/mail-address.ts';
import { mailHtml, mailText } from './mail-body.ts';
import { DeliveryError, type Destination, type Message, SEND_TIMEOUT_MS, type Sender } from './message.ts';
import { oneLine, wordsOf } from './words.ts';

/** The mail server, and whom mail is from. */
export interface MailSettings {
  /** `smtp://` or `smtps://`, with user name and password. */
  readonly smtpUrl: string;
  readonly from: MailAddress;
}

/** What is said where e-mail cannot be sent. */
export const MAIL_IS_OFF =
  'E-mail is off. Set POCKETPROXY_SMTP_URL and POCKETPROXY_MAIL_FROM and start the server again';

/** Sends messages as e-mail, plain and HTML in one. */
export class MailSender implements Sender {
  readonly #transport: ReturnType<typeof smtpTransport> | null;
  readonly #from: MailAddress | null;
  readonly #publicUrl: string;

  /** `settings`: `null` when e-mail is off. */
  constructor(settings: MailSettings | null, publicUrl: string) {
    this.#transport = settings && smtpTransport(settings.smtpUrl);
    this.#from = settings?.from ?? null;
    this.#publicUrl = publicUrl;
  }

  async send({ target }: Destination, message: Message, signal: AbortSignal): Promise<void> {
    if (!this.#transport || !this.#from) throw new DeliveryError(MAIL_IS_OFF);
    const mail = composeMail(message, { from: this.#from, to: target, publicUrl: this.#publicUrl });
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
      await this.#transport.sendMail({ ...mail, signal: limited });
    } catch (error) {
      throw explained(error as NodemailerError);
    }
  }
}

/** A mail as nodemailer takes it. Whatever names hold, they end up in one line of one header or in the body. */
export function composeMail(
  message: Message,
  { from, to, publicUrl }: { readonly from: MailAddress; readonly to: string; readonly publicUrl: string },
) {
  const words = wordsOf(message);
  const link = linkOf(message, publicUrl);
  return {
    from: { name: oneLine(from.name), address: from.address },
    // As an object, so that a comma in it makes no second recipient.
    to: { name: '', address: to },
    subject: words.subject,
    text: mailText(words, link),
    html: mailHtml(words, link),
    date: message.at,
    // The same each time that the message is sent: mail programs show it once.
    messageId: `<${message.id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    headers: {
      // RFC 3834: absence notes do not answer it.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function linkOf({ data }: Message, publicUrl: string) {
  const { deviceId } = data;
  return typeof deviceId === 'string'
    ? { label: 'Open the phone', url: `${publicUrl}/devices/${encodeURIComponent(deviceId)}` }
    : { label: 'Open PocketProxy', url: publicUrl };
}

/** Passwords go over encrypted connections only, unless the URL itself says `?requireTLS=false`. */
function smtpTransport(url: string) {
  const { username, hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const local = host === 'localhost' || (isIP(host) !== 0 && isLoopbackAddress(host));
  return createTransport({
    url,
    requireTLS: username !== '' && !local,
    connectionTimeout: SEND_TIMEOUT_MS,
    greetingTimeout: SEND_TIMEOUT_MS,
    socketTimeout: SEND_TIMEOUT_MS,
  });
}

/** Of which the mail server says that they will never change. */
const ABOUT_THE_MESSAGE = new Set(['EENVELOPE', 'EMESSAGE']);

function explained(error: NodemailerError): DeliveryError {
  const { code = '', responseCode, response } = error;
  if (responseCode !== undefined) {
    const permanent = error.permanent === true && ABOUT_THE_MESSAGE.has(code);
    return new DeliveryError(`The mail server answered: ${oneLine(response ?? String(responseCode))}`, {
      ...{ permanent, cause: error },
    });
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError' || code === 'ETIMEDOUT') {
    return new DeliveryError('The mail server did not answer in time', { cause: error });
  }
  const system = error.originalCode ?? code;
  return new DeliveryError(`The mail server cannot be used${system === '' ? '' : ` (${system})`}`, {
    cause: error,
  });
}
