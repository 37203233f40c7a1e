import { isIP } from 'node:net';
import { isLoopbackAddress } from '@pocketproxy/protocol';
import type { NodemailerError } from 'nodemailer';
import type { MailAddress } from '../../domain/mail-address.ts';
import { type MailFrame, mailHtml, mailText } from './mail-body.ts';
import { DeliveryError, SEND_TIMEOUT_MS } from './message.ts';
import { oneLine, type Words } from './words.ts';

/** The mail server, and whom mail is from. */
export interface MailSettings {
  /** `smtp://` or `smtps://`, with user name and password. */
  readonly smtpUrl: string;
  readonly from: MailAddress;
}

/** One mail to one person. */
export interface Mail extends MailFrame {
  /** The same each time that the mail is sent. */
  readonly id: string;
  readonly to: string;
  readonly words: Words;
  readonly at: Date;
}

/** Sends mail by SMTP, plain text and HTML in one. Each mail has a connection of its own. */
export class Mailer {
  readonly #settings: MailSettings;
  #transport: ReturnType<typeof smtpTransport> | null = null;

  constructor(settings: MailSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves when the mail server has taken the mail.
   * @throws {DeliveryError} otherwise, at the latest after `SEND_TIMEOUT_MS`, or soon after `signal`
   */
  async send(mail: Mail, signal?: AbortSignal): Promise<void> {
    const limits = [AbortSignal.timeout(SEND_TIMEOUT_MS), ...(signal ? [signal] : [])];
    const { smtpUrl, from } = this.#settings;
    this.#transport ??= smtpTransport(smtpUrl);
    const transport = await this.#transport;
    try {
      await transport.sendMail({ ...composeMail(mail, from), signal: AbortSignal.any(limits) });
    } catch (error) {
      throw explained(error as NodemailerError);
    }
  }
}

/**
 * Logs in to a mail server and out again.
 * @throws {DeliveryError} when it cannot be used
 */
export async function checkMailServer(smtpUrl: string): Promise<void> {
  const transport = await smtpTransport(smtpUrl);
  await transport.verify().catch((error: NodemailerError) => {
    throw explained(error);
  });
}

/** A mail as nodemailer takes it. Whatever names hold, they end up in one line of one header or in the body. */
export function composeMail({ id, to, words, link, footer, at }: Mail, from: MailAddress) {
  return {
    from: { name: oneLine(from.name), address: from.address },
    // As an object, so that a comma in it makes no second recipient.
    to: { name: '', address: to },
    subject: words.subject,
    text: mailText(words, { link, footer }),
    html: mailHtml(words, { link, footer }),
    date: at,
    // The same each time that the message is sent: mail programs show it once.
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    headers: {
      // RFC 3834: absence notes do not answer it.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The library takes 50 ms to load, which most starts need not wait for. */
async function smtpTransport(url: string) {
  const { createTransport } = await import('nodemailer');
  return createTransport(smtpOptions(url));
}

/** Passwords go over encrypted connections only, unless the URL itself says `?requireTLS=false`. */
export function smtpOptions(url: string) {
  const { username, hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const local = host === 'localhost' || (isIP(host) !== 0 && isLoopbackAddress(host));
  return {
    url,
    requireTLS: username !== '' && !local,
    connectionTimeout: SEND_TIMEOUT_MS,
    greetingTimeout: SEND_TIMEOUT_MS,
    socketTimeout: SEND_TIMEOUT_MS,
  };
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
