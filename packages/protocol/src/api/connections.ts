import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { momentSchema, nameSchema, organizationIdSchema, pageQuerySchema, timeSchema } from './common.ts';

export const connectionStatusSchema = z.enum(['active', 'disabled', 'expired', 'quota_exceeded']);
export const quotaPeriodSchema = z.enum(['total', 'day', 'month']);
export type QuotaPeriod = z.infer<typeof quotaPeriodSchema>;

export const connectionSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  /** Whose it is: the operator's own, or a customer's, who sees it. */
  organizationId: z.string(),
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  protocols: z.array(z.enum(['http', 'socks5', 'openvpn'])),
  username: z.string(),
  status: connectionStatusSchema,
  /** Addresses and networks that need no password. */
  allowlist: z.array(z.string()),
  quotaBytes: z.number().int().nullable(),
  /** Days and months begin at midnight UTC. */
  quotaPeriod: quotaPeriodSchema,
  /** Day of the month on which a monthly quota begins anew. */
  quotaResetDay: z.number().int(),
  /** Both directions, since the period began or was reset. */
  usedBytes: z.number().int(),
  /** When that was. */
  usedSince: timeSchema,
  /** Flows that are open now, of every protocol; told every few seconds. */
  openFlows: z.number().int(),
  speedLimitMbps: z.number().int().nullable(),
  maxFlows: z.number().int().nullable(),
  expiresAt: timeSchema.nullable(),
  enabled: z.boolean(),
  /** Grows with every change; also the `ETag`. */
  version: z.number().int(),
  createdAt: timeSchema,
});
export type ConnectionView = z.infer<typeof connectionSchema>;

/** The password is answered when it is made and never again. */
export const createdConnectionSchema = connectionSchema.extend({
  password: z.string(),
  /** Client file for OpenVPN with the password in it; `null` while OpenVPN is off. */
  ovpn: z.string().nullable(),
});
export type CreatedConnection = z.infer<typeof createdConnectionSchema>;

/** An address or a network, written in its shortest form; host bits of a network are cleared. */
const allowlistEntry = z
  .string()
  .trim()
  .max(64)
  .transform((text, context) => {
    const entry = canonicalNetwork(text);
    if (entry !== null) return entry;
    context.addIssue({
      code: 'custom',
      message: 'Expected an IP address or a network such as 198.51.100.0/24',
    });
    return z.NEVER;
  });

function canonicalNetwork(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))
    return ipaddr.process(text).toString();
  const [address = ''] = text.split('/');
  if (ipaddr.IPv4.isValidFourPartDecimal(address) && ipaddr.IPv4.isValidCIDR(text)) {
    return `${ipaddr.IPv4.networkAddressFromCIDR(text)}/${ipaddr.IPv4.parseCIDR(text)[1]}`;
  }
  if (!ipaddr.IPv6.isValidCIDR(text)) return null;
  return `${ipaddr.IPv6.networkAddressFromCIDR(text)}/${ipaddr.IPv6.parseCIDR(text)[1]}`;
}

/** A password that a person chose for a proxy. HTTP's Basic scheme and SOCKS5 limit what it can be. */
const chosenPassword = z
  .string()
  .min(8)
  .refine((text) => new TextEncoder().encode(text).length <= 72, 'At most 72 bytes')
  .refine((text) => !/\p{Cc}/u.test(text), 'Control characters are not allowed');

const limits = {
  allowlist: z.array(allowlistEntry).max(100),
  quotaBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullable(),
  quotaPeriod: quotaPeriodSchema,
  quotaResetDay: z.number().int().min(1).max(28),
  /** Each direction apart, all flows of the connection together. */
  speedLimitMbps: z.number().int().min(1).max(10_000).nullable(),
  maxFlows: z.number().int().min(1).max(100_000).nullable(),
  expiresAt: momentSchema.nullable(),
  enabled: z.boolean(),
};

export const createConnectionBodySchema = z.strictObject({
  deviceId: z.uuid(),
  /** A customer's, to give it to them. Of the device when left out. Only staff may name another than its own. */
  organizationId: organizationIdSchema.optional(),
  name: nameSchema.optional(),
  /** Made up when left out, like the password. */
  username: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/,
      'Expected 3 to 64 letters, digits, dots, dashes or underscores',
    )
    .optional(),
  password: chosenPassword.optional(),
  allowlist: limits.allowlist.default([]),
  quotaBytes: limits.quotaBytes.default(null),
  quotaPeriod: limits.quotaPeriod.default('total'),
  quotaResetDay: limits.quotaResetDay.default(1),
  speedLimitMbps: limits.speedLimitMbps.default(null),
  maxFlows: limits.maxFlows.default(null),
  expiresAt: limits.expiresAt.default(null),
  enabled: limits.enabled.default(true),
});
export type CreateConnectionBody = z.infer<typeof createConnectionBodySchema>;

export const updateConnectionBodySchema = z
  .strictObject({ name: nameSchema, organizationId: organizationIdSchema, ...limits })
  .partial();
export type UpdateConnectionBody = z.infer<typeof updateConnectionBodySchema>;

export const listConnectionsQuerySchema = pageQuerySchema.extend({ deviceId: z.uuid().optional() });
export type ListConnectionsQuery = z.infer<typeof listConnectionsQuerySchema>;

/** Without a password a new one is made up. */
export const changePasswordBodySchema = z.strictObject({ password: chosenPassword.optional() });

export const changedPasswordSchema = z.object({
  username: z.string(),
  password: z.string(),
  /** Client file for OpenVPN with the password in it; `null` while OpenVPN is off. */
  ovpn: z.string().nullable(),
});
