import { SecretSheet } from '#components/secret-sheet.tsx';
import type { MadeInvitation } from './invite-form.tsx';

export interface InvitationSheetProps {
  /** `null` closes it. */
  readonly invitation: MadeInvitation | null;
  readonly onClose: () => void;
}

/** The link of an invitation, which is told this once. */
export function InvitationSheet({ invitation, onClose }: InvitationSheetProps) {
  return (
    <SecretSheet
      title={`Invitation of ${invitation?.email ?? ''}`}
      what="The link"
      remedy="Another invitation can take its place."
      lines={invitation && [{ label: 'Link', text: invitation.url }]}
      onClose={onClose}
    >
      <p className="text-muted">
        {invitation?.emailed
          ? `It was sent to ${invitation.email}, too.`
          : `This server sends no e-mail: send the link to ${invitation?.email} yourself.`}
      </p>
    </SecretSheet>
  );
}
