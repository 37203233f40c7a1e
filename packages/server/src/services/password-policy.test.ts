import { describe, expect, test } from 'vitest';
import { requireGoodPassword } from './password-policy.ts';

const owner = { email: 'jane.doe@example.com', name: 'Jane Doe' };

describe('a password that a person chooses', () => {
  test.each([
    'correct horse battery',
    'k3vx9qpa2m',
    'пять разных слов подряд',
    `${'correct horse battery '.repeat(5)}end`,
  ])('may be %j', async (password) => {
    await expect(requireGoodPassword(password, owner)).resolves.toBeUndefined();
  });

  test.each([
    ['too short', 'k3vx9qpa2'],
    ['too long', 'correct horse battery '.repeat(6)],
    ['among the commonest', 'password1234'],
    ['written in leet', 'P4ssw0rd1!'],
    ['a row of keys', 'qwertyuiop'],
    ['a repetition', 'abcabcabcabcabc'],
    ['the owner’s address', owner.email],
    ['the owner’s mailbox and a number', 'jane.doe12'],
    ['the product’s name', 'pocketproxy1'],
  ])('is not %s', async (_, password) => {
    const refused = requireGoodPassword(password, owner, 'newPassword');
    await expect(refused).rejects.toMatchObject({
      code: 'validation_failed',
      fields: [{ field: 'body.newPassword' }],
    });
  });

  test('is looked at quickly, whatever it is', async () => {
    await requireGoodPassword('correct horse battery', owner);
    // Processor time: whatever else this machine does is not the policy's doing.
    const start = process.cpuUsage();
    for (const text of ['4@8({[<3691!|7$5+%2'.repeat(6), '1'.repeat(128), 'p4ssw0rd'.repeat(16)]) {
      await requireGoodPassword(text, owner).catch(() => {});
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(1_500);
  });
});
