import type { Clock } from '@pocketproxy/runtime';
import type { InvitationMailer } from '../invitations.ts';
import type { Mailer } from './mailer.ts';
import { oneLine, timeWords } from './words.ts';

type Invitation = Parameters<InvitationMailer['sendInvitation']>[0];

export interface InvitationMailOptions {
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Sends invitations by e-mail. */
export class InvitationMail implements InvitationMailer {
  readonly #options: InvitationMailOptions;

  constructor(options: InvitationMailOptions) {
    this.#options = options;
  }

  /** @throws {DeliveryError} */
  async sendInvitation({ to, invitedBy, url, expiresAt }: Invitation): Promise<void> {
    const { mailer, clock, newId } = this.#options;
    await mailer.send({
      ...{ id: newId(), to, at: new Date(clock.now()) },
      words: {
        subject: 'You are invited to PocketProxy',
        summary: oneLine(`${invitedBy} invites you. Follow the link and choose a password.`),
        tone: 'neutral',
        facts: [
          { label: 'Invited by', value: oneLine(invitedBy) },
          { label: 'Valid until', value: timeWords(expiresAt) },
        ],
      },
      link: { label: 'Accept the invitation', url },
      footer: 'If you do not know what this is about, do nothing: without the link there is no account.',
    });
  }
}
