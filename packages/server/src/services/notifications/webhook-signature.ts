import { createHmac } from 'node:crypto';

/**
 * `webhook-signature` of Standard Webhooks (symmetric, version 1): HMAC-SHA256 of id, time and body, so that neither
 * can be changed and an old message cannot be sent again later. `timestamp` in seconds since the epoch.
 */
export function webhookSignature(id: string, timestamp: number, body: string, key: Uint8Array): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
