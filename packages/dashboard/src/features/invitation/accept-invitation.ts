import type { acceptInvitationBodySchema, UserDetail } from '@pocketproxy/protocol/api';
import type { z } from 'zod';
import { ApiError, refusalOf } from '#lib/api/api-error.ts';

/**
 * Makes the account that an invitation is for. Nobody is signed in yet, so it is no call of the usual client.
 * @throws {ApiError} `not_found`, `invitation_used`, `invitation_expired`, `email_taken`, `validation_failed`
 */
export async function acceptInvitation(
  body: z.input<typeof acceptInvitationBodySchema>,
): Promise<UserDetail> {
  const answer = await fetch('/api/v1/invitations/accept', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new ApiError('unreachable', 'The server cannot be reached. Check the network, then try again.');
  });
  if (!answer.ok) throw await refusalOf(answer);
  return (await answer.json()) as UserDetail;
}
