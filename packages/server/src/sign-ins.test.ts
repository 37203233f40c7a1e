import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, TEST_PASSWORD, TestControl } from './testing/test-control.ts';

let control: TestControl;
let admin: Person;

beforeAll(async () => {
  control = await TestControl.start();
  admin = await control.person('admin');
});
afterAll(() => control.stop());

const signInsOf = async (id: string) =>
  (await control.call('GET', `/audit-log?targetType=session&targetId=${id}`, undefined, admin)).body.items;
const signIn = (email: string, password: string, address: string) =>
  control.call('POST', '/auth/login', { email, password }, { headers: { 'x-forwarded-for': address } });

describe('signing in', () => {
  test('is in the audit log: coming, going, and every kind of failure', async () => {
    const person = await control.person('customer');
    await control.call('POST', '/auth/logout', undefined, person);
    for (let i = 0; i < 11; i++) await signIn(person.email, 'a canary that nobody may store', '203.0.113.7');
    await control.call('PATCH', `/users/${person.id}`, { disabled: true }, admin);
    expect((await signIn(person.email, TEST_PASSWORD, '203.0.113.8')).body.code).toBe('account_disabled');
    await expect.poll(async () => (await signInsOf(person.id)).length).toBe(5);
    const entries = (await signInsOf(person.id)).toReversed();
    const told = entries.map(
      (entry: { action: string; actor: { name: string }; after: { reason?: string } }) => [
        ...[entry.action, entry.actor.name, entry.after.reason],
      ],
    );
    const nobody = 'Not signed in';
    expect(told).toEqual([
      ['session.begin', person.email, undefined],
      ['session.end', person.email, undefined],
      ['session.refuse', nobody, 'wrong password'],
      ['session.block', nobody, 'too many failures'],
      ['session.refuse', nobody, 'account disabled'],
    ]);
    expect(entries[2]).toMatchObject({ address: '203.0.113.7', organizationId: person.organizationId });
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  test('as somebody who does not exist is there too, without what was typed', async () => {
    const typed = `${randomUUID()}@example.com`;
    await signIn(typed, 'wrong', '203.0.113.9');
    const unknown = async () =>
      (await control.call('GET', '/audit-log?action=session.refuse', undefined, admin)).body.items.filter(
        ({ address }: { address: string }) => address === '203.0.113.9',
      );
    await expect.poll(async () => (await unknown()).length).toBe(1);
    expect((await unknown())[0]).toMatchObject({ targetId: null, after: { reason: 'unknown user' } });
    expect(JSON.stringify(await unknown())).not.toContain(typed);
  });

  test('leaves no count behind when the server stops', async () => {
    const other = await TestControl.start();
    const { email, id } = await other.person('operator');
    for (let i = 0; i < 5; i++) await other.login(email);
    await other.app.close();
    const rows = await other.db.query.auditLog.findMany();
    expect(rows.filter(({ targetId }) => targetId === id).map(({ after }) => after?.times ?? 1)).toEqual([
      ...[1, 1, 1, 3],
    ]);
    await other.stop();
  });
});
