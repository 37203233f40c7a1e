/** Variables of one client as the daemon knows them; those that begin with `IV_` are the client's word. */
export type ClientVariables = Readonly<Record<string, string>>;

/** What the daemon says on its management socket; see management-notes.txt of OpenVPN. */
export type ManagementMessage =
  /** A client logs in (`CONNECT`) or renews its keys (`REAUTH`); to be answered with both numbers. */
  | {
      readonly type: 'connect' | 'reauth';
      readonly clientId: number;
      readonly keyId: number;
      readonly variables: ClientVariables;
    }
  | {
      readonly type: 'established' | 'disconnect';
      readonly clientId: number;
      readonly variables: ClientVariables;
    }
  /** The daemon waits for `hold release`. */
  | { readonly type: 'hold' }
  | { readonly type: 'state'; readonly name: string }
  /** The answer to the oldest command that has none yet. */
  | { readonly type: 'answer'; readonly success: boolean; readonly text: string };

/** The daemon said something that no management socket says. */
export class ManagementProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ManagementProtocolError';
  }
}

/** Longer than any line that a daemon sends: the longest ones hold a variable of a client. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_VARIABLES = 1_000;

const CLIENT_EVENTS = {
  CONNECT: 'connect',
  REAUTH: 'reauth',
  ESTABLISHED: 'established',
  DISCONNECT: 'disconnect',
} as const;

/** A client's event whose variables are still coming. */
interface OpenEvent {
  readonly type: (typeof CLIENT_EVENTS)[keyof typeof CLIENT_EVENTS];
  readonly clientId: number;
  readonly keyId: number;
  /** A map, because the client chooses names. */
  readonly variables: Map<string, string>;
}

/** Turns the bytes of a management socket into messages, however they are cut into chunks. */
export class ManagementParser {
  #rest: Buffer = Buffer.alloc(0);
  #open: OpenEvent | null = null;

  /** @throws {ManagementProtocolError} when the peer cannot be a daemon; nothing more must be pushed then */
  push(chunk: Buffer): ManagementMessage[] {
    const messages: ManagementMessage[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a)) {
      const line = bytes.toString('utf8', 0, end);
      bytes = bytes.subarray(end + 1);
      const message = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (message !== null) messages.push(message);
    }
    if (bytes.length > MAX_LINE_BYTES) throw new ManagementProtocolError('A line is too long');
    this.#rest = bytes;
    return messages;
  }

  #line(line: string): ManagementMessage | null {
    if (line.startsWith('>CLIENT:')) return this.#clientLine(line.slice('>CLIENT:'.length));
    if (line.startsWith('>HOLD:')) return { type: 'hold' };
    if (line.startsWith('>STATE:')) return { type: 'state', name: line.split(',')[1] ?? '' };
    if (line.startsWith('SUCCESS:')) return answer(true, line.slice('SUCCESS:'.length));
    if (line.startsWith('ERROR:')) return answer(false, line.slice('ERROR:'.length));
    // Greetings, log lines, and whatever later versions say.
    return null;
  }

  #clientLine(text: string): ManagementMessage | null {
    const comma = text.indexOf(',');
    const name = comma === -1 ? text : text.slice(0, comma);
    const rest = comma === -1 ? '' : text.slice(comma + 1);
    if (name === 'ENV') return this.#variable(rest);
    // Of the other events, `ADDRESS` tells what we gave out ourselves. Variables that follow are nobody's.
    this.#open = null;
    if (!Object.hasOwn(CLIENT_EVENTS, name)) return null;
    const type = CLIENT_EVENTS[name as keyof typeof CLIENT_EVENTS];
    const [clientId, keyId] = rest.split(',').map(wholeNumber);
    const needsKey = type === 'connect' || type === 'reauth';
    if (clientId === undefined || (needsKey && keyId === undefined)) {
      throw new ManagementProtocolError(`${name} has no number`);
    }
    this.#open = { type, clientId, keyId: keyId ?? 0, variables: new Map() };
    return null;
  }

  #variable(text: string): ManagementMessage | null {
    const open = this.#open;
    if (open === null) return null;
    if (text === 'END') {
      this.#open = null;
      return finished(open);
    }
    const equals = text.indexOf('=');
    if (equals > 0) open.variables.set(text.slice(0, equals), text.slice(equals + 1));
    if (open.variables.size > MAX_VARIABLES)
      throw new ManagementProtocolError('A client has too many variables');
    return null;
  }
}

function finished({ type, clientId, keyId, variables: named }: OpenEvent): ManagementMessage {
  const variables: ClientVariables = Object.freeze(
    Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(named)),
  );
  if (type === 'connect' || type === 'reauth') return { type, clientId, keyId, variables };
  return { type, clientId, variables };
}

function answer(success: boolean, text: string): ManagementMessage {
  return { type: 'answer', success, text: text.trim() };
}

/** @throws {ManagementProtocolError} */
function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new ManagementProtocolError('A number of a client is none');
  return Number(text);
}
