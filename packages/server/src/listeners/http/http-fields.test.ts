import { FlowError } from '@pocketproxy/protocol';
import { describe, expect, test } from 'vitest';
import { parseBasicCredentials } from './basic-credentials.ts';
import { endToEndFields, trailingFields } from './end-to-end-fields.ts';
import { proxyStatus, structuredString } from './proxy-status.ts';
import { refusalBytes } from './refusal.ts';
import { readRequestHead } from './request-head.ts';

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('Proxy-Authorization', () => {
  test.each([
    ['user:secret', 'user', 'secret'],
    ['user:', 'user', ''],
    [':secret', '', 'secret'],
    ['user:a:b', 'user', 'a:b'],
    ['jürgen:pässwort', 'jürgen', 'pässwort'],
  ])('%s is a name and a password', (text, username, password) => {
    expect(parseBasicCredentials(basic(text))).toEqual({ username, password });
  });

  test('is read as Latin-1 when it is not UTF-8', () => {
    expect(parseBasicCredentials(basic(Buffer.from('é:ÿ', 'latin1')))).toEqual({
      username: 'é',
      password: 'ÿ',
    });
  });

  test.each([
    ['no field', null],
    ['another scheme', 'Bearer dXNlcjpzZWNyZXQ='],
    ['no base64', 'Basic !!!!'],
    ['cut base64', 'Basic dXNlcjpzZWNyZX'],
    ['base64 with something after it', 'Basic dXNlcjpzZWNyZXQ= x'],
    ['no colon', basic('user')],
    ['nothing', 'Basic '],
  ])('with %s is no credentials', (_, field) => {
    expect(parseBasicCredentials(field)).toBeNull();
  });
});

describe('fields that are passed on', () => {
  test('leave out what belongs to one connection, and what Connection names', () => {
    const raw = [
      ['Accept', '*/*'],
      ['Connection', 'keep-alive, X-Private'],
      ['connection', 'x-also'],
      ['X-PRIVATE', '1'],
      ['X-Also', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic x'],
      ['Proxy-Connection', 'keep-alive'],
      ['TE', 'trailers'],
      ['Trailer', 'X'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['X-Kept', 'a'],
      ['X-Kept', 'b'],
    ].flat();
    expect(endToEndFields(raw)).toEqual(['Accept', '*/*', 'X-Kept', 'a', 'X-Kept', 'b']);
  });

  test('keep the frame of the message when Connection names it', () => {
    const raw = ['Connection', 'Content-Length', 'Content-Length', '5'];
    expect(endToEndFields(raw)).toEqual(['Content-Length', '5']);
  });

  test('may not change the message when they come after it', () => {
    const raw = ['Content-Length', '5', 'X-Sum', 'abc', 'Host', 'other', 'Transfer-Encoding', 'chunked'];
    expect(trailingFields(raw)).toEqual([['X-Sum', 'abc']]);
  });
});

describe('the head of a request', () => {
  const read = (fields: Record<string, string> | string[], httpVersion = '1.1') =>
    readRequestHead({
      httpVersion,
      rawHeaders: Array.isArray(fields) ? fields : Object.entries(fields).flat(),
    });

  test('is read once, from the raw fields', () => {
    const head = read({
      Host: 'example.com',
      'Proxy-Authorization': 'Basic x',
      'Content-Length': '5',
      Connection: 'close',
      Upgrade: 'h2c',
      Accept: '*/*',
    });
    expect(head).toEqual({
      fields: ['Content-Length', '5', 'Accept', '*/*'],
      host: 'example.com',
      proxyAuthorization: 'Basic x',
      body: 'length',
      upgrade: 'h2c',
      close: true,
    });
  });

  test('in HTTP/1.0 may lack a Host and closes the connection', () => {
    expect(read([], '1.0')).toMatchObject({ host: null, close: true });
  });

  test.each([
    ['no Host', [], '1.1'],
    ['two Hosts', ['Host', 'a', 'host', 'a'], '1.1'],
    ['two credentials', ['Host', 'a', 'Proxy-Authorization', 'x', 'proxy-authorization', 'x'], '1.1'],
    ['HTTP/0.9', ['Host', 'a'], '0.9'],
    ['HTTP/2.0', ['Host', 'a'], '2.0'],
    ['two lengths', ['Host', 'a', 'Content-Length', '1', 'Content-Length', '1'], '1.1'],
    ['a length that is too large', ['Host', 'a', 'Content-Length', '9007199254740993'], '1.1'],
    ['a length that is none', ['Host', 'a', 'Content-Length', '+5'], '1.1'],
    ['a length and chunks', ['Host', 'a', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'], '1.1'],
    ['chunks in HTTP/1.0', ['Transfer-Encoding', 'chunked'], '1.0'],
    ['xchunked', ['Host', 'a', 'Transfer-Encoding', 'xchunked'], '1.1'],
    ['identity', ['Host', 'a', 'Transfer-Encoding', 'identity'], '1.1'],
    ['quoted chunks', ['Host', 'a', 'Transfer-Encoding', '"chunked"'], '1.1'],
    [
      'two codings in two fields',
      ['Host', 'a', 'Transfer-Encoding', 'x', 'Transfer-Encoding', 'chunked'],
      '1.1',
    ],
  ])('with %s is malformed', (_, fields, version) => {
    expect(() => read(fields, version)).toThrow(expect.objectContaining({ code: 'malformed_request' }));
  });

  test('with another transfer coding under chunked is not supported', () => {
    expect(() => read({ Host: 'a', 'Transfer-Encoding': 'gzip, chunked' })).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });
});

describe('a refusal', () => {
  test('escapes details as RFC 8941 strings', () => {
    expect(structuredString('a "b" \\c ü\r\n')).toBe('"a \\"b\\" \\\\c ???"');
    expect(proxyStatus(new FlowError('name_not_found', 'no "x"'))).toBe(
      'pocketproxy; error=dns_error; details="no \\"x\\""',
    );
  });

  test('is one line that names the reason and the connection', () => {
    const text = refusalBytes(new FlowError('device_offline', 'gone\r\nSet-Cookie: x'), {
      port: 30_001,
      name: 'Büro',
    }).toString();
    expect(text).toContain('HTTP/1.1 503 Service Unavailable\r\n');
    expect(text).toContain('Retry-After: 5\r\n');
    expect(text).not.toContain('\r\nSet-Cookie');
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    expect(body).toBe(
      'PocketProxy: Phone is offline: gone Set-Cookie: x (connection "Büro" on port 30001)\n',
    );
    expect(Number(/Content-Length: (\d+)/.exec(text)?.[1])).toBe(Buffer.byteLength(body));
  });
});
