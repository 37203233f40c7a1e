import { FlowError, writeSocksAddress } from '@pocketproxy/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSocks4Request, type Socks4Request } from './socks4-messages.ts';
import { Socks5Handshake, type Socks5Step } from './socks5-handshake.ts';

/** Cuts bytes at random places. */
function chunksOf(bytes: Buffer, cuts: number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...at, bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

/** Drives the state machine as the session does: a method that needs a login is always chosen when it is offered. */
function runSocks5(chunks: Buffer[]): { steps: Socks5Step[]; rest: Buffer } {
  const handshake = new Socks5Handshake();
  const steps: Socks5Step[] = [];
  for (const chunk of chunks) {
    handshake.push(chunk);
    for (let step = handshake.next(); step !== null; step = handshake.next()) {
      steps.push(step);
      if (step.kind === 'greeting') handshake.expect(step.methods.includes(2) ? 'login' : 'request');
      if (step.kind === 'login') handshake.expect('request');
    }
  }
  return { steps, rest: handshake.rest };
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const text = fc.string({ minLength: 0, maxLength: 40 }).filter((value) => Buffer.byteLength(value) <= 255);
const host = fc.oneof(fc.ipV4(), fc.constantFrom('example.com', 'a', 'x-1.test', '2001:db8::7'));
const tail = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

function login(username: string, password: string): Buffer {
  const [name, secret] = [Buffer.from(username), Buffer.from(password)];
  return Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]);
}

function request(command: number, name: string, port: number): Buffer {
  const bytes = Buffer.from(writeSocksAddress(name, port, 3));
  bytes[0] = 5;
  bytes[1] = command;
  return bytes;
}

describe('the SOCKS5 handshake', () => {
  test('reads the same messages however the bytes are cut, and leaves early data untouched', () => {
    fc.assert(
      fc.property(text, text, host, fc.nat(65_535), tail, cuts, (user, password, name, port, early, at) => {
        const bytes = Buffer.concat([
          Buffer.from([5, 2, 0, 2]),
          login(user, password),
          request(1, name, port),
          early,
        ]);
        const { steps, rest } = runSocks5(chunksOf(bytes, at));
        expect(steps).toEqual([
          { kind: 'greeting', methods: expect.anything() },
          { kind: 'login', credentials: { username: user, password } },
          { kind: 'request', request: { command: 1, host: name, port } },
        ]);
        expect(rest).toEqual(early);
      }),
    );
  });

  test('throws nothing but malformed_request on random bytes', () => {
    const plausible = fc
      .tuple(fc.constantFrom([5, 1, 0], [5, 1, 2], [5, 2, 0, 2]), fc.uint8Array({ maxLength: 80 }))
      .map(([start, rest]) => Buffer.from([...start, ...rest]));
    const random = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(plausible, random), cuts, (bytes, at) => {
        let error: unknown = null;
        try {
          const { steps, rest } = runSocks5(chunksOf(bytes, at));
          expect(rest.length).toBeLessThanOrEqual(bytes.length);
          expect(steps.length).toBeLessThanOrEqual(3);
        } catch (caught) {
          error = caught;
        }
        if (error !== null) {
          expect(error).toBeInstanceOf(FlowError);
          expect((error as FlowError).code).toBe('malformed_request');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('reads a name and a password that are not UTF-8 as Latin-1', () => {
    const bytes = Buffer.concat([Buffer.from([5, 1, 2]), Buffer.from([1, 1, 0xe9, 1, 0xff])]);
    expect(runSocks5([bytes]).steps[1]).toEqual({
      kind: 'login',
      credentials: { username: 'é', password: 'ÿ' },
    });
  });

  test('tells an unknown address type, which has a reply of its own', () => {
    expect(runSocks5([Buffer.from([5, 1, 0, 5, 1, 0, 9, 1])]).steps[1]).toEqual({ kind: 'address_type' });
  });

  test.each([
    ['no method', [5, 0]],
    ['another version in the greeting', [6, 1, 0]],
    ['another version in the login', [5, 1, 2, 5]],
    ['another version in the request', [5, 1, 0, 4]],
    ['a reserved byte that is set', [5, 1, 0, 5, 1, 1]],
    ['an empty name', [5, 1, 0, 5, 1, 0, 3, 0]],
    ['a name with a space', [5, 1, 0, 5, 1, 0, 3, 3, 97, 32, 98, 0, 80]],
  ])('is malformed with %s', (_, bytes) => {
    expect(() => runSocks5([Buffer.from(bytes)])).toThrow(FlowError);
  });
});

/** Parses as the session does: again from the start with every chunk. */
function runSocks4(chunks: Buffer[]): { request: Socks4Request; rest: Buffer } | null {
  let input: Buffer = Buffer.alloc(0);
  for (const chunk of chunks) {
    input = Buffer.concat([input, chunk]);
    const parsed = parseSocks4Request(input);
    if (parsed) {
      const after = Buffer.concat(chunks.slice(chunks.indexOf(chunk) + 1));
      return { request: parsed.value, rest: Buffer.concat([input.subarray(parsed.end), after]) };
    }
  }
  return null;
}

function socks4(address: number[], port: number, ...texts: string[]): Buffer {
  const head = Buffer.from([4, 1, port >> 8, port & 0xff, ...address]);
  return Buffer.concat([head, ...texts.map((value) => Buffer.from(`${value}\0`, 'latin1'))]);
}

describe('a SOCKS4 request', () => {
  const userId = fc.stringMatching(/^[a-z]{0,20}$/);

  test('reads the same however the bytes are cut, and leaves early data untouched', () => {
    fc.assert(
      fc.property(
        userId,
        userId,
        fc.boolean(),
        fc.nat(65_535),
        tail,
        cuts,
        (user, password, named, port, early, at) => {
          const id = `${user}:${password}`;
          const bytes = named
            ? socks4([0, 0, 0, 7], port, id, 'Example.com')
            : socks4([192, 0, 2, 1], port, id);
          const parsed = runSocks4(chunksOf(Buffer.concat([bytes, early]), at));
          expect(parsed?.request).toEqual({
            command: 1,
            host: named ? 'example.com' : '192.0.2.1',
            port,
            credentials: { username: user, password },
          });
          expect(parsed?.rest).toEqual(early);
        },
      ),
    );
  });

  test('throws nothing but malformed_request on random bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 700 }).map((rest) => Buffer.from([4, 1, ...rest]));
    fc.assert(
      fc.property(bytes, cuts, (input, at) => {
        try {
          runSocks4(chunksOf(input, at));
        } catch (error) {
          expect(error).toBeInstanceOf(FlowError);
          expect((error as FlowError).code).toBe('malformed_request');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('has no credentials when the user id is a plain name', () => {
    expect(runSocks4([socks4([192, 0, 2, 1], 80, 'somebody')])?.request.credentials).toBeNull();
  });

  test('is malformed when a text does not end', () => {
    expect(() => parseSocks4Request(socks4([192, 0, 2, 1], 80, 'x'.repeat(513)))).toThrow(FlowError);
    expect(() =>
      parseSocks4Request(Buffer.concat([socks4([1, 2, 3, 4], 80), Buffer.alloc(600, 97)])),
    ).toThrow(FlowError);
  });

  test('is malformed when the SOCKS4a name is no host', () => {
    expect(() => parseSocks4Request(socks4([0, 0, 0, 1], 80, '', 'a/b'))).toThrow(FlowError);
    expect(() => parseSocks4Request(socks4([0, 0, 0, 1], 80, '', ''))).toThrow(FlowError);
  });
});
