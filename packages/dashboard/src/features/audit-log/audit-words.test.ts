import type { AuditEntryView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { actionText, differencesOf, nameIn, summaryOf } from './audit-words.ts';

test('actions are told in words, also those that are new', () => {
  expect(actionText('connection.reset_usage')).toBe('Connection: reset usage');
  expect(actionText('new_thing.begin')).toBe('New thing: begin');
});

test('what changed is told member by member, what one side does not have is left out', () => {
  expect(
    differencesOf({ before: { name: 'a', quotaBytes: null }, after: { name: 'b', quotaBytes: 5 } }),
  ).toEqual([
    { member: 'name', before: 'a', after: 'b' },
    { member: 'quotaBytes', before: 'none', after: '5' },
  ]);
  expect(differencesOf({ before: null, after: { allowlist: ['198.51.100.1', '198.51.100.2'] } })).toEqual([
    { member: 'allowlist', before: undefined, after: '198.51.100.1, 198.51.100.2' },
  ]);
});

test('a thing is called by its name as it is, or as it was', () => {
  const entry = { before: { name: 'old' }, after: null } as unknown as AuditEntryView;
  expect(nameIn(entry)).toBe('old');
  expect(nameIn({ ...entry, after: { email: 'a@b.example' } })).toBe('a@b.example');
  expect(nameIn({ ...entry, before: null })).toBeNull();
});

test('a line says what changed, or what a new thing is', () => {
  expect(summaryOf({ before: { quotaBytes: null }, after: { quotaBytes: 5 } })).toBe('quotaBytes: none → 5');
  const made = { id: 'x', name: 'a', deviceId: 'y', port: 30_001, allowlist: [], expiresAt: null };
  expect(summaryOf({ before: null, after: made })).toBe('port 30001');
});
