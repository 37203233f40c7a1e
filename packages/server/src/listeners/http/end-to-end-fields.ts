/** Fields of one connection, RFC 9110 section 7.6.1. `Proxy-*` are added by prefix. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** What no Connection field can take away: the frame of the message, and whom it is for. */
const NEVER_LISTED: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'close',
  'keep-alive',
  'upgrade',
]);
/** What may not come after the body, RFC 9110 section 6.5.1, as far as it could change what was decided before. */
const NEVER_TRAILING: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'host',
  'set-cookie',
]);

export function isHopByHop(lowerCaseName: string): boolean {
  return HOP_BY_HOP.has(lowerCaseName) || lowerCaseName.startsWith('proxy-');
}

/**
 * The fields of a message that go on to the other side, as names and values in turn, in their order and spelling.
 * Nothing is added, not even Via: it would tell origins that there is a proxy.
 */
export function endToEndFields(raw: readonly string[]): string[] {
  const fields: string[] = [];
  let connection: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const lower = name.toLowerCase();
    if (lower === 'connection')
      connection = connection === null ? raw[i + 1]! : `${connection},${raw[i + 1]}`;
    if (!isHopByHop(lower)) fields.push(name, raw[i + 1]!);
  }
  return connection === null ? fields : withoutListed(fields, connection);
}

/** Removes the fields that a Connection field names. */
export function withoutListed(fields: string[], connection: string): string[] {
  const listed = new Set<string>();
  for (const part of connection.split(',')) {
    const token = part.trim().toLowerCase();
    if (token !== '' && !NEVER_LISTED.has(token)) listed.add(token);
  }
  if (listed.size === 0) return fields;
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!listed.has(fields[i]!.toLowerCase())) kept.push(fields[i]!, fields[i + 1]!);
  }
  return kept;
}

/** The trailer fields that may be passed on, in pairs. */
export function trailingFields(raw: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const lower = raw[i]!.toLowerCase();
    if (!isHopByHop(lower) && !NEVER_TRAILING.has(lower)) fields.push([raw[i]!, raw[i + 1]!]);
  }
  return fields;
}
