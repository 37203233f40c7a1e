import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ManagementMessage, ManagementParser, ManagementProtocolError } from './management-parser.ts';

const CONVERSATION = [
  ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info",
  '>HOLD:Waiting for hold release:0',
  'SUCCESS: hold release succeeded',
  '>STATE:1763979600,CONNECTED,SUCCESS,10.66.0.1,,,,',
  '>CLIENT:CONNECT,0,1',
  '>CLIENT:ENV,untrusted_ip=198.51.100.7',
  '>CLIENT:ENV,username=alice',
  '>CLIENT:ENV,password=sésame=,öffne dich',
  '>CLIENT:ENV,END',
  "ERROR: client-auth command failed, try 'help'",
  '>CLIENT:ADDRESS,0,10.66.0.2,1',
  '>CLIENT:ESTABLISHED,0',
  '>CLIENT:ENV,END',
  '>BYTECOUNT_CLI:0,100,200',
  '>CLIENT:REAUTH,0,2',
  '>CLIENT:ENV,username=alice',
  '>CLIENT:ENV,END',
  '>CLIENT:DISCONNECT,0',
  '>CLIENT:ENV,bytes_sent=7',
  '>CLIENT:ENV,END',
].join('\r\n');

const MEANING: ManagementMessage[] = [
  { type: 'hold' },
  { type: 'answer', success: true, text: 'hold release succeeded' },
  { type: 'state', name: 'CONNECTED' },
  {
    type: 'connect',
    clientId: 0,
    keyId: 1,
    variables: { untrusted_ip: '198.51.100.7', username: 'alice', password: 'sésame=,öffne dich' },
  },
  { type: 'answer', success: false, text: "client-auth command failed, try 'help'" },
  { type: 'established', clientId: 0, variables: {} },
  { type: 'reauth', clientId: 0, keyId: 2, variables: { username: 'alice' } },
  { type: 'disconnect', clientId: 0, variables: { bytes_sent: '7' } },
];

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([...places.map((place) => place % bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function parse(chunks: readonly Buffer[]): ManagementMessage[] {
  const parser = new ManagementParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

/** Plain objects, because variables have no prototype. */
const plain = (messages: ManagementMessage[]): unknown => JSON.parse(JSON.stringify(messages));

describe('the management protocol', () => {
  test('means the same however it is cut into chunks', () => {
    const bytes = Buffer.from(`${CONVERSATION}\r\n`);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
        expect(plain(parse(cut(bytes, places)))).toEqual(MEANING);
      }),
    );
  });

  test('anything at all ends in messages or in a protocol error', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...CONVERSATION.split('\r\n')),
      fc.string().map((text) => `>CLIENT:${text}`),
      fc.string().map((text) => `>CLIENT:ENV,${text}`),
      fc.string().map((text) => `>CLIENT:CONNECT,${text}`),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 20 }), (lines, places) => {
        try {
          parse(cut(Buffer.from(`${lines.join('\n')}\n`), places));
        } catch (error) {
          expect(error).toBeInstanceOf(ManagementProtocolError);
        }
      }),
    );
  });

  test('a client cannot name a variable that every object has', () => {
    const [message] = parse([
      Buffer.from('>CLIENT:CONNECT,1,2\n>CLIENT:ENV,__proto__=x\n>CLIENT:ENV,UV_a=b=c\n>CLIENT:ENV,END\n'),
    ]);
    expect(message).toMatchObject({ variables: { UV_a: 'b=c' } });
    expect((message as { variables: object }).variables).not.toHaveProperty('toString');
  });

  test('a line without an end, and variables without one, are not kept', () => {
    expect(() => parse([Buffer.alloc(70_000, 'x')])).toThrow(ManagementProtocolError);
    const many = Array.from({ length: 1_100 }, (_, index) => `>CLIENT:ENV,v${index}=1\n`);
    expect(() => parse([Buffer.from(`>CLIENT:CONNECT,1,2\n${many.join('')}`)])).toThrow(
      ManagementProtocolError,
    );
  });
});
