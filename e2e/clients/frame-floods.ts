import { http2Frame } from './raw-phone.ts';

/** A flood: what comes first, and what is then repeated for as long as the relay takes it. */
export interface FrameFlood {
  readonly first: Buffer;
  readonly repeated: Buffer;
}

const [DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION] = [
  0x0, 0x1, 0x2, 0x3, 0x4, 0x6, 0x8, 0x9,
];
/** RFC 7838 section 4, RFC 8336 section 2. */
const [ALTSVC, ORIGIN] = [0xa, 0xc];
const UNKNOWN = 0xf0;
const END_HEADERS = 0x4;
/** The relay's first request, which has not been answered yet. */
const FIRST_STREAM = 1;
/** `:status: 200` of HPACK's static table (RFC 7541 appendix A). */
const STATUS_200 = Buffer.from([0x88]);
/** `:status` with a literal value, not indexed. */
const STATUS_103 = Buffer.from([0x08, 3, 0x31, 0x30, 0x33]);
const AT_A_TIME_BYTES = 64 * 1024;

/** As many whole frames as are written at a time. */
function many(frame: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(AT_A_TIME_BYTES / frame.length) }, () => frame));
}

/** Each names other origins: who remembers them all has much to remember. */
function origins(): Buffer {
  const entries = Array.from({ length: 1_000 }, (_, index) => {
    const name = Buffer.from(`https://${index}.example.com`);
    return Buffer.concat([Buffer.from([0, name.length]), name]);
  });
  return Buffer.concat(entries.map((entry) => http2Frame(ORIGIN, 0, 0, entry)));
}

const settings = http2Frame(SETTINGS, 0, 0);
const answered = Buffer.concat([settings, http2Frame(HEADERS, END_HEADERS, FIRST_STREAM, STATUS_200)]);
const word = (value: number): Buffer => Buffer.from([0, 0, 0, value]);

/** Frames that are allowed one by one, by what they are (RFC 9113 section 10.5). */
export const FRAME_FLOODS: Readonly<Record<string, FrameFlood>> = {
  SETTINGS: { first: settings, repeated: many(settings) },
  'SETTINGS that change something': {
    first: settings,
    repeated: many(
      Buffer.concat([1, 2].map((more) => http2Frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0x10, 0, more])))),
    ),
  },
  PING: { first: settings, repeated: many(http2Frame(PING, 0, 0, Buffer.alloc(8))) },
  'answers to no PING': { first: settings, repeated: many(http2Frame(PING, 1, 0, Buffer.alloc(8))) },
  CONTINUATION: {
    first: Buffer.concat([settings, http2Frame(HEADERS, 0, FIRST_STREAM, STATUS_200)]),
    repeated: many(http2Frame(CONTINUATION, 0, FIRST_STREAM, Buffer.from([0x00, 1, 0x61, 1, 0x61]))),
  },
  'empty CONTINUATION': {
    first: Buffer.concat([settings, http2Frame(HEADERS, 0, FIRST_STREAM, STATUS_200)]),
    repeated: many(http2Frame(CONTINUATION, 0, FIRST_STREAM)),
  },
  'resets of one stream': {
    first: answered,
    repeated: many(http2Frame(RST_STREAM, 0, FIRST_STREAM, word(7))),
  },
  'headers that only inform': {
    first: settings,
    repeated: many(http2Frame(HEADERS, END_HEADERS, FIRST_STREAM, STATUS_103)),
  },
  'DATA with nothing in it': { first: answered, repeated: many(http2Frame(DATA, 0, FIRST_STREAM)) },
  'DATA that nobody asked for': {
    first: answered,
    repeated: many(http2Frame(DATA, 0, FIRST_STREAM, Buffer.alloc(16_000))),
  },
  ORIGIN: { first: settings, repeated: origins() },
  ALTSVC: {
    first: settings,
    repeated: many(http2Frame(ALTSVC, 0, 0, Buffer.from('\0\x09https://ah2=":443"'))),
  },
  PRIORITY: {
    first: settings,
    repeated: many(http2Frame(PRIORITY, 0, FIRST_STREAM, Buffer.from([0, 0, 0, 0, 1]))),
  },
  'WINDOW_UPDATE of one byte': { first: settings, repeated: many(http2Frame(WINDOW_UPDATE, 0, 0, word(1))) },
  'frames of no known type': { first: settings, repeated: many(http2Frame(UNKNOWN, 0, 0)) },
};
