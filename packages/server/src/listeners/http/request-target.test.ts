import { FlowError } from '@pocketproxy/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostMatches, parseAbsoluteTarget, parseConnectTarget } from './request-target.ts';

describe('the target of CONNECT', () => {
  test.each([
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.com:1', 'example.com', 1],
    ['192.0.2.1:65535', '192.0.2.1', 65_535],
    ['[2001:DB8::1]:443', '2001:db8::1', 443],
  ])('%s is a host and a port', (target, host, port) => {
    expect(parseConnectTarget(target)).toEqual({ host, port });
  });

  test.each([
    'example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'example.com:080000',
    'example.com:+80',
    'example.com:80/',
    'user@example.com:80',
    'user:pass@example.com:80',
    'http://example.com:80',
    '2001:db8::1:443',
    '[example.com]:80',
    '[::1:80',
    '[fe80::1%25eth0]:80',
    ':80',
    '/',
    '*',
    'a b:80',
    'a%00:80',
    '',
  ])('%j is refused', (target) => {
    expect(() => parseConnectTarget(target)).toThrow(FlowError);
  });
});

describe('an absolute-form target', () => {
  test.each([
    ['http://example.com', 'example.com', 80, 'example.com', '/'],
    ['HTTP://Example.com:8080/a?b=c', 'example.com', 8080, 'Example.com:8080', '/a?b=c'],
    ['http://example.com?q', 'example.com', 80, 'example.com', '/?q'],
    ['http://[::1]:81//x//', '::1', 81, '[::1]:81', '//x//'],
    ['http://192.0.2.1/http://other/', '192.0.2.1', 80, '192.0.2.1', '/http://other/'],
  ])('%s is taken apart', (target, host, port, authority, path) => {
    expect(parseAbsoluteTarget(target)).toEqual({ destination: { host, port }, authority, path });
  });

  test.each([
    '/',
    '*',
    'example.com:80',
    'https://example.com/',
    'ftp://example.com/',
    'http:///path',
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://example.com:/',
    'http://example.com:0/',
    'http://example.com:99999/',
    'http://example.com/#part',
    'http://exa mple.com/',
    'http://example.com\\@other/',
    'http:/example.com',
  ])('%j is refused', (target) => {
    expect(() => parseAbsoluteTarget(target)).toThrow(FlowError);
  });

  test('never makes anything but FlowErrors of random text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `http://${rest}`),
          fc.webUrl(),
        ),
        (text) => {
          try {
            const { destination, path } = parseAbsoluteTarget(text);
            expect(destination.port).toBeGreaterThan(0);
            expect(path.startsWith('/')).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(FlowError);
          }
        },
      ),
    );
  });
});

describe('a Host field', () => {
  const destination = { host: 'example.com', port: 80 };

  test.each(['example.com', 'EXAMPLE.COM', 'example.com:80'])('%s matches', (host) => {
    expect(hostMatches(host, destination)).toBe(true);
  });

  test.each(['', 'other.com', 'example.com:81', 'example.com.', 'a@example.com', 'example.com, other.com'])(
    '%j does not match',
    (host) => {
      expect(hostMatches(host, destination)).toBe(false);
    },
  );
});
