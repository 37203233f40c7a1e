/** What we must know of DNS messages (RFC 1035); everything else in them passes as it is. */

const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
const TYPE_OPT = 41;

/** Longest DNS message: TCP gives its length in two bytes (RFC 1035 section 4.2.2). */
export const DNS_MESSAGE_MAX = 65_535;
/** What every client takes over UDP (RFC 1035 section 4.2.1). */
const UDP_PAYLOAD_MIN = 512;

export const DNS_TYPES = { a: 1, aaaa: 28 } as const;
export const DNS_CLASS_IN = 1;
export const DNS_RCODES = { noError: 0, serverFailure: 2, refused: 5 } as const;

/** A query with one question, which is what resolvers and their clients send. */
export interface DnsQuery {
  readonly id: number;
  /** Lower case, without the last dot; characters beyond printable ASCII, dots and backslashes in labels as `?`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where the question ends. */
  readonly questionEnd: number;
  /** The largest answer that the client takes over UDP (EDNS, RFC 6891 section 6.2.3). */
  readonly udpPayloadSize: number;
}

/** `null` when `message` is no query, or has not exactly one question. */
export function parseDnsQuery(message: Uint8Array): DnsQuery | null {
  if (message.length < HEADER_BYTES || message.length > DNS_MESSAGE_MAX) return null;
  const view = viewOf(message);
  const isStandardQuery = (view.getUint8(2) & 0xf8) === 0;
  if (!isStandardQuery || view.getUint16(4) !== 1) return null;
  const question = readName(message, HEADER_BYTES);
  if (question === null || question.end + 4 > message.length) return null;
  const questionEnd = question.end + 4;
  return {
    id: view.getUint16(0),
    name: question.name,
    type: view.getUint16(question.end),
    class: view.getUint16(question.end + 2),
    questionEnd,
    udpPayloadSize: udpPayloadSize(message, view, questionEnd),
  };
}

/** Whether `answer` answers `query`: a response with the same id and the same question, byte for byte. */
export function isDnsAnswerTo(query: Uint8Array, answer: Uint8Array): boolean {
  const asked = parseDnsQuery(query);
  if (asked === null || answer.length < asked.questionEnd) return false;
  const view = viewOf(answer);
  const isResponse = (view.getUint8(2) & 0x80) !== 0;
  if (!isResponse || view.getUint16(0) !== asked.id || view.getUint16(4) !== 1) return false;
  for (let at = HEADER_BYTES; at < asked.questionEnd; at += 1) if (answer[at] !== query[at]) return false;
  return true;
}

/** Whether the answer says that there is more than it holds. */
export function isTruncatedDnsAnswer(answer: Uint8Array): boolean {
  return answer.length >= HEADER_BYTES && (answer[2]! & 0x02) !== 0;
}

/** The same message with another id. */
export function withDnsId(message: Uint8Array, id: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(message);
  viewOf(copy).setUint16(0, id);
  return copy;
}

/** An answer without records. */
export function emptyDnsAnswer(query: Uint8Array, parsed: DnsQuery, rcode: number): Uint8Array<ArrayBuffer> {
  const answer = query.slice(0, parsed.questionEnd);
  const view = viewOf(answer);
  const recursionDesired = view.getUint8(2) & 0x01;
  view.setUint8(2, 0x80 | recursionDesired);
  view.setUint8(3, 0x80 | rcode);
  view.setUint16(4, 1);
  for (let at = 6; at < HEADER_BYTES; at += 2) view.setUint16(at, 0);
  return answer;
}

/** An answer with one IPv4 address. */
export function addressDnsAnswer(
  query: Uint8Array,
  parsed: DnsQuery,
  address: Uint8Array,
  ttlSeconds: number,
): Uint8Array<ArrayBuffer> {
  const head = emptyDnsAnswer(query, parsed, DNS_RCODES.noError);
  const answer = new Uint8Array(head.length + 16);
  answer.set(head);
  const view = viewOf(answer);
  view.setUint16(6, 1);
  // A pointer to the name in the question (RFC 1035 section 4.1.4).
  view.setUint16(head.length, 0xc000 | HEADER_BYTES);
  view.setUint16(head.length + 2, DNS_TYPES.a);
  view.setUint16(head.length + 4, DNS_CLASS_IN);
  view.setUint32(head.length + 6, ttlSeconds);
  view.setUint16(head.length + 10, address.length);
  answer.set(address, head.length + 12);
  return answer;
}

/** What a client is sent over UDP: the answer, or that it has to ask by TCP. */
export function fitDnsAnswer(query: Uint8Array, parsed: DnsQuery, answer: Uint8Array): Uint8Array {
  if (answer.length <= parsed.udpPayloadSize) return answer;
  const truncated = emptyDnsAnswer(query, parsed, (answer[3] ?? 0) & 0x0f);
  truncated[2] = truncated[2]! | 0x02;
  return truncated;
}

/** The client's EDNS record is in the additional section, which in a query follows the question. */
function udpPayloadSize(message: Uint8Array, view: DataView, questionEnd: number): number {
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  let at = questionEnd;
  for (let i = 0; i < records; i += 1) {
    const name = readName(message, at);
    if (name === null || name.end + 10 > message.length) return UDP_PAYLOAD_MIN;
    if (view.getUint16(name.end) === TYPE_OPT) {
      return Math.max(UDP_PAYLOAD_MIN, view.getUint16(name.end + 2));
    }
    at = name.end + 10 + view.getUint16(name.end + 8);
  }
  return UDP_PAYLOAD_MIN;
}

/** A name that is not compressed, as those of queries are. */
function readName(
  message: Uint8Array,
  start: number,
): { readonly name: string; readonly end: number } | null {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > MAX_LABEL_BYTES || at - start > MAX_NAME_BYTES) return null;
    at += 1;
    if (length === 0) return { name: labels.join('.'), end: at };
    if (at + length > message.length) return null;
    labels.push(labelText(message.subarray(at, at + length)));
    at += length;
  }
}

function labelText(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    const printable = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
    text += printable ? String.fromCharCode(byte) : '?';
  }
  return text.toLowerCase();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
