import ipaddr from 'ipaddr.js';

/** What a device lets its customers reach. */
export interface AddressPolicy {
  /** Lifts the refusal of private, loopback, link-local and other special-use addresses, never of the rest. */
  readonly allowPrivate: boolean;
}

/**
 * Special-use blocks that exist on somebody's own network, so that a device may be set to allow them. Keys are the
 * range names of ipaddr.js.
 */
const PRIVATE_RANGES: Readonly<Record<string, string>> = {
  loopback: 'a loopback address',
  private: 'a private address (RFC 1918)',
  linkLocal: 'a link-local address',
  carrierGradeNat: 'a shared carrier address (RFC 6598)',
  uniqueLocal: 'a unique local address (RFC 4193)',
  deprecatedSiteLocal: 'a site-local address (RFC 3879)',
  reserved: 'a reserved address',
  benchmarking: 'a benchmarking address (RFC 5180)',
};

/** What is no unicast destination on any network. */
const NEVER_RANGES: Readonly<Record<string, string>> = {
  unspecified: 'the unspecified address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
};

const PLAIN_V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const LOCAL_V6_RANGES: ReadonlySet<string> = new Set([
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'deprecatedSiteLocal',
]);
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64_WELL_KNOWN = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
const V4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const V4_FUTURE = ipaddr.IPv4.parseCIDR('240.0.0.0/4');

/**
 * Why customers may not reach `address`, or `null` when they may. Text that is no address is refused as well, and so
 * is every IPv6 spelling that carries a refused IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo,
 * ISATAP), for whatever translator stands on the way.
 */
export function refusedReason(address: string, policy: AddressPolicy): string | null {
  if (address.includes('%')) return 'an address with a zone';
  const parsed = parseAddress(address);
  if (!parsed) return 'not an IP address';
  return parsed instanceof ipaddr.IPv4 ? refusedV4(parsed, policy) : refusedV6(parsed, policy);
}

/** Whether `address` is the device's own loopback, IPv4-mapped spellings included. */
export function isLoopbackAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) {
    return parsed.toIPv4Address().range() === 'loopback';
  }
  return parsed?.range() === 'loopback';
}

/** The IPv4 addresses that a translator on the way may read out of an IPv6 address, in canonical spelling. */
export function embeddedIpv4Addresses(address: string): readonly string[] {
  const parsed = address.includes(':') ? parseAddress(address) : null;
  if (!(parsed instanceof ipaddr.IPv6)) return [];
  return embeddedV4(parsed, parsed.range()).map((embedded) => embedded.toString());
}

function refusedV4(address: ipaddr.IPv4, policy: AddressPolicy): string | null {
  const range = address.range();
  // Also 240.0.0.0/4: no host has such an address, and systems differ in what they do with it.
  if (range === 'reserved' && address.match(V4_FUTURE)) return 'a reserved address';
  return refusedRange(range, policy);
}

function refusedV6(address: ipaddr.IPv6, policy: AddressPolicy): string | null {
  const range = address.range();
  const own = refusedRange(range, policy);
  if (own) return own;
  if (LOCAL_V6_RANGES.has(range)) return null;
  for (const embedded of embeddedV4(address, range)) {
    const reason = refusedV4(embedded, policy);
    if (reason) return `an IPv6 spelling of ${reason}`;
  }
  if (range === 'ipv4Mapped' || address.match(NAT64_WELL_KNOWN) || address.match(GLOBAL_UNICAST)) return null;
  // Everything else is not (or no longer) assigned, or local to one network like 64:ff9b:1::/48, whose embedded
  // address nobody but that network's translator can tell.
  return 'a reserved address';
}

function refusedRange(range: string, policy: AddressPolicy): string | null {
  return NEVER_RANGES[range] ?? (policy.allowPrivate ? null : (PRIVATE_RANGES[range] ?? null));
}

/** IPv4 addresses that a translator may read out of an IPv6 address. */
function embeddedV4(address: ipaddr.IPv6, range: string): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const at = (...offsets: number[]) => new ipaddr.IPv4(offsets.map((offset) => bytes[offset]!));
  const last = at(12, 13, 14, 15);
  if (range === 'ipv4Mapped' || range === 'rfc6145' || address.match(V4_COMPATIBLE)) return [last];
  if (address.match(NAT64_WELL_KNOWN)) return [last];
  if (range === '6to4') return [at(2, 3, 4, 5)];
  // RFC 4380 section 4: the server in clear, the client with all bits inverted.
  if (range === 'teredo') return [at(4, 5, 6, 7), new ipaddr.IPv4(last.octets.map((octet) => octet ^ 0xff))];
  // RFC 5214 section 6.1: interface identifier 0000:5efe or 0200:5efe.
  const isatap = (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isatap ? [last] : [];
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  try {
    return text.includes(':') ? ipaddr.IPv6.parse(withHexTail(text)) : ipaddr.IPv4.parse(text);
  } catch {
    return null;
  }
}

/**
 * Writes a dotted IPv4 tail as two groups. The library reads octal and hex in such a tail, and takes `::1.2.3.4` for
 * a mapped address; systems do neither.
 */
function withHexTail(text: string): string {
  const start = text.lastIndexOf(':') + 1;
  const tail = text.slice(start);
  if (!tail.includes('.')) return text;
  if (!PLAIN_V4.test(tail)) throw new TypeError('not an IPv4 address');
  const [a, b, c, d] = tail.split('.').map(Number);
  return `${text.slice(0, start)}${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`;
}

/** What a customer's host text is, before anything is asked of a resolver. */
export type HostLiteral =
  /** One address in canonical spelling; an IPv4-mapped one is given as IPv4. It is not checked yet. */
  | { readonly kind: 'address'; readonly address: string; readonly family: 4 | 6 }
  /** `localhost` and everything below it, RFC 6761 section 6.3: loopback, never a matter for a resolver. */
  | { readonly kind: 'localhost' }
  /** A name for a resolver: lower case, ASCII, no dot at the end, nothing that a resolver could read as a number. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'refused'; readonly reason: string };

const NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/;
const V6_CHARACTERS = /^[0-9a-f:.]+$/;
/** The product's own names. They mean something inside the relay only, and no resolver may answer for them. */
const RESERVED_NAME = /(?:^|\.)pocketproxy\.internal$/;

/**
 * Sorts a host as a client wrote it. Every spelling of a number that some `inet_aton` accepts (decimal, octal, hex,
 * short, wide digits, dot at the end, brackets) becomes the address it means or is refused, and never a name.
 */
export function parseHostLiteral(host: string): HostLiteral {
  if (PLAIN_V4.test(host)) return { kind: 'address', address: host, family: 4 };
  if (host.length === 0) return refused('the host is empty');
  if (host.length > 512) return refused('the host is too long');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for everything but ASCII
  if (/[^\x00-\x7f]/.test(host)) return parseWide(host);
  const text = host.toLowerCase();
  return text.includes(':') || text.startsWith('[') ? parseV6(text) : parseName(text);
}

/** Names of other scripts and wide digits become ASCII by UTS #46, as in a browser. */
function parseWide(host: string): HostLiteral {
  // What URL syntax would take for something else than a host.
  if (/[\s/\\?#@:[\]%<>^|]/.test(host)) return refused('the host has characters that no name has');
  try {
    const { hostname } = new URL(`http://${host}/`);
    return hostname.includes(':') ? refused('not a host name') : parseName(hostname);
  } catch {
    return refused('not a host name');
  }
}

function parseV6(text: string): HostLiteral {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (inner.includes('%')) return refused('an address with a zone');
  const parsed = V6_CHARACTERS.test(inner) && inner.includes(':') ? parseAddress(inner) : null;
  if (!(parsed instanceof ipaddr.IPv6)) return refused('not an IPv6 address');
  if (parsed.isIPv4MappedAddress()) {
    return { kind: 'address', address: parsed.toIPv4Address().toString(), family: 4 };
  }
  return { kind: 'address', address: parsed.toRFC5952String(), family: 6 };
}

function parseName(text: string): HostLiteral {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (!NAME.test(name)) return refused('not a host name');
  const top = name.slice(name.lastIndexOf('.') + 1);
  if (NUMERIC_LABEL.test(top)) return parseNumeric(name);
  if (top === 'localhost') return { kind: 'localhost' };
  if (RESERVED_NAME.test(name)) return refused('a reserved name');
  return { kind: 'name', name };
}

/** The WHATWG URL rule: a name whose last label is a number is an IPv4 address or nothing. */
function parseNumeric(name: string): HostLiteral {
  const parsed = parseAddress(name);
  if (!(parsed instanceof ipaddr.IPv4)) return refused('not an IPv4 address');
  return { kind: 'address', address: parsed.toString(), family: 4 };
}

function refused(reason: string): HostLiteral {
  return { kind: 'refused', reason };
}
