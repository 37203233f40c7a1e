import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { MailAddress } from './domain/mail-address.ts';

/** An address and port to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i;

function isHost(text: string): boolean {
  // Digits and dots alone are a mistyped address, never a name.
  return isIP(text) !== 0 || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text));
}

function parsePort(text: string): number | null {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65535 ? port : null;
}

/** `host:port`, IPv6 in brackets. Port 0 lets the system choose. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = parsePort(match?.[3] ?? '');
  if (port === null || !isHost(host)) return reject(context);
  return { host, port };
});

/** A host name or IP address, IPv6 without brackets. */
export const host = z
  .string()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .refine(isHost);

/** An IP address to bind to. */
export const ipAddress = z.string().refine((text) => isIP(text) !== 0);

/** `first-last`, both unprivileged. */
export const portRange = z.string().transform((text, context): PortRange => {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const first = parsePort(match?.[1] ?? '');
  const last = parsePort(match?.[2] ?? '');
  if (first === null || last === null || first < 1024 || last < first) return reject(context);
  return { first, last };
});

/** An IPv4 network with room for VPN clients. */
export const ipv4Subnet = z.string().refine((text) => {
  if (!ipaddr.IPv4.isValidCIDR(text)) return false;
  const [address, bits] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  return bits >= 8 && bits <= 28 && network.toString() === address.toString();
});

/** A URL of one of `protocols` (with colon), without a trailing slash. */
export function urlOf(...protocols: readonly string[]) {
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol))
    .transform((text) => text.replace(/\/+$/, ''));
}

/** The URL of a mail server; it has a host. */
export const smtpUrl = urlOf('smtp:', 'smtps:').refine((text) => new URL(text).hostname !== '');

/** An e-mail address, alone or after a name: `PocketProxy <alerts@example.com>`. */
export const mailAddress = z.string().transform((text, context): MailAddress => {
  const [, quoted, plain, inner] = /^\s*(?:"([^"\r\n]*)"|([^"<>\r\n]*?))\s*<([^<>]*)>\s*$/.exec(text) ?? [];
  const address = z.email().safeParse((inner ?? text).trim());
  if (!address.success) return reject(context);
  return { name: quoted ?? plain ?? '', address: address.data };
});

/** A whole number of seconds from one to a day. */
export const seconds = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 86_400);

export const onOff = z.enum(['on', 'off']).transform((text) => text === 'on');

function reject(context: z.core.$RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'invalid' });
  return z.NEVER;
}
