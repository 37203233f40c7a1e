import { describe, expect, test } from 'vitest';
import {
  changePasswordBodySchema,
  createConnectionBodySchema,
  updateConnectionBodySchema,
} from './connections.ts';

const deviceId = '01a20c58-5627-7089-9094-4f18eba553e9';

function allowlist(...entries: string[]) {
  return createConnectionBodySchema.parse({ deviceId, allowlist: entries }).allowlist;
}

describe('an allowlist', () => {
  test('is kept in one spelling, with host bits cleared', () => {
    expect(allowlist('198.51.100.7', '198.51.100.7/24', '2001:DB8::0:1', '2001:db8::1/32')).toEqual([
      ...['198.51.100.7', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32'],
    ]);
  });

  test('writes IPv4-mapped addresses as IPv4, as clients are seen', () => {
    expect(allowlist('::ffff:198.51.100.7')).toEqual(['198.51.100.7']);
  });

  test.each(['0x7f.1', '10.1', '1.2.3.4/33', 'example.com', '', '2001:db8::/129'])('refuses %j', (entry) => {
    expect(() => allowlist(entry)).toThrow();
  });
});

test('a field that does not exist is refused, so that a misspelt limit is never silently absent', () => {
  const result = createConnectionBodySchema.safeParse({ deviceId, maxflows: 3 });
  expect(result.error?.issues[0]?.message).toContain('maxflows');
});

test('a change mentions only what it changes', () => {
  expect(updateConnectionBodySchema.parse({ enabled: false })).toEqual({ enabled: false });
  expect(updateConnectionBodySchema.parse({})).toEqual({});
});

test.each(['short', 'x'.repeat(73), 'line\nbreak-here', 'ä'.repeat(37)])(
  '%j is refused as a password',
  (password) => {
    expect(changePasswordBodySchema.safeParse({ password }).success).toBe(false);
  },
);

test('an expiry needs a time zone', () => {
  expect(updateConnectionBodySchema.safeParse({ expiresAt: '2026-01-01T00:00:00' }).success).toBe(false);
  expect(updateConnectionBodySchema.parse({ expiresAt: '2026-01-01T00:00:00+01:00' }).expiresAt).toEqual(
    new Date('2025-12-31T23:00:00Z'),
  );
});
