import type { LiveEvent } from '@pocketproxy/protocol/api';
import type { QueryKey } from '@tanstack/react-query';

/** What is read again after events that name a thing without saying what is new of it. */
export const READ_AGAIN = {
  // Who accepts an invitation becomes a user; keys go with their owner; customers are counted; it may be oneself.
  'user.changed': [['users'], ['invitations'], ['organizations'], ['api-keys'], ['me']],
  'invitation.changed': [['invitations']],
  'organization.changed': [['organizations']],
  'api_key.changed': [['api-keys']],
  'pairing_code.changed': [['pairing-codes']],
  'rotation_link.changed': [['rotation-links']],
  'notification_channel.changed': [['notification-channels']],
} as const satisfies Partial<Record<LiveEvent['type'], readonly QueryKey[]>>;
