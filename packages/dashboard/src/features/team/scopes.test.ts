import { expect, test } from 'vitest';
import { grantableScopes, readingScopes } from './scopes.ts';

test('a key is offered what its maker may, without what is for people alone', () => {
  const scopes = grantableScopes([
    'session',
    'devices:write',
    'audit:read',
    'devices:read',
    'api-keys:write',
  ]);
  expect(scopes).toEqual(['devices:read', 'devices:write', 'audit:read']);
  expect(readingScopes(scopes)).toEqual(['devices:read', 'audit:read']);
});
