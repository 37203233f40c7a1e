import { z } from 'zod';

/** What makes this installation a device: kept for life, replaced as a whole by pairing anew. */
export const identitySchema = z.object({
  version: z.literal(1),
  deviceId: z.string().min(1),
  deviceName: z.string(),
  /** The relay's tunnel address as this device reaches it. */
  relayHost: z.string().min(1),
  relayPort: z.number().int().min(1).max(65535),
  /** EC P-256, PKCS #8 PEM. */
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
  /** Issued by the relay for the key, PEM. */
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  /** The only CA that this device trusts, PEM. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  pairedAt: z.string(),
});
export type AgentIdentity = z.infer<typeof identitySchema>;
