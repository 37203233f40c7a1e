import { roleSchema } from '@pocketproxy/protocol/api';
import { RealClock } from '@pocketproxy/runtime';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { PASSWORD_LENGTH } from '../services/password-policy.ts';
import type { Login, UserRecord, Users } from '../services/users.ts';
import { orExplain } from './or-explain.ts';

/** `pocketproxy user ...`: people who can log in. Works while the server runs; the audit log keeps what it changes. */
export function userCommand(): Command {
  const user = new Command('user').description('People who can log in');
  addCommand(user);
  passwordCommand(user);
  disablingCommands(user);

  user
    .command('list')
    .description('List all users')
    .action(() => withUsers(async ({ users }) => console.log(table((await users.list()).items))));

  user
    .command('two-factor')
    .description('The second factor of a user')
    .command('off')
    .description('Let the password alone be enough, for somebody who has lost the second factor')
    .argument('<email>')
    .action((email: string) =>
      withUsers(async ({ users, record }) => {
        const before = await users.turnTwoFactorOff((await users.byEmail(email)).id);
        await record('user.two_factor', before, { ...before, twoFactorEnabled: false });
      }),
    );
  return user;
}

function addCommand(user: Command): void {
  user
    .command('add')
    .description('Add a user; prints a password unless one is given')
    .argument('<email>', 'e-mail address', emailAddress)
    .option('--name <name>', 'how the user is called')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(roleSchema.options).default('operator'),
    )
    .option('--password <password>', '10 characters or more', chosenPassword)
    .action((email: string, { name, role, password }: { name?: string; role: string; password?: string }) =>
      withUsers(async ({ users, record }) => {
        const made = await users.add({ email, name: name ?? email, role: roleSchema.parse(role), password });
        await record('user.create', null, made.user);
        tell(made, password);
      }),
    );
}

function passwordCommand(user: Command): void {
  user
    .command('password')
    .description('Set a new password and end the sessions of a user; prints a password unless one is given')
    .argument('<email>')
    .option('--password <password>', '10 characters or more', chosenPassword)
    .action((email: string, { password }: { password?: string }) =>
      withUsers(async ({ users, record }) => {
        const found = await users.byEmail(email);
        const login = await users.setPassword(found.id, password);
        await record('user.password', found, { ...found, password: 'changed' });
        tell(login, password);
      }),
    );
}

function disablingCommands(user: Command): void {
  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    user
      .command(name)
      .description(disabled ? 'Refuse logins and end the sessions of a user' : 'Allow logins again')
      .argument('<email>')
      .action((email: string) =>
        withUsers(async ({ users, record }) => {
          const before = await users.byEmail(email);
          await record('user.update', before, await users.update(before.id, { disabled }));
        }),
      );
  }
}

interface UserTools {
  readonly users: Users;
  /** Writes a change to the audit log. */
  record(
    action: string,
    before: UserRecord | null,
    after: UserRecord & { password?: 'changed' },
  ): Promise<void>;
}

async function withUsers(command: (tools: UserTools) => Promise<void>): Promise<void> {
  await orExplain(async () => {
    // Only now: every command's declaration is loaded by each start of a server.
    const [{ withDatabase }, { openSecrets }, { AuditLog, COMMAND_LINE }, { Users }] = await Promise.all([
      import('./with-database.ts'),
      import('../secrets.ts'),
      import('../services/audit.ts'),
      import('../services/users.ts'),
    ]);
    const config = loadConfig();
    await withDatabase(config, async ({ db }) => {
      const clock = new RealClock();
      const { loginHash } = await openSecrets(config, db, clock);
      const auditLog = new AuditLog(db, clock);
      await command({
        users: new Users(db, loginHash),
        record: (action, before, after) => {
          const { organizationId, id } = after;
          const target = { organizationId, targetType: 'user', targetId: id };
          return auditLog.record([{ actor: COMMAND_LINE, address: null, action, ...target, before, after }]);
        },
      });
    });
  });
}

function tell({ email, password }: Login, chosen: string | undefined): void {
  console.log(chosen === undefined ? `${email}  ${password}` : email);
}

function table(users: readonly UserRecord[]): string {
  const rows = users.map((u) => [u.email, u.role, u.disabled ? 'disabled' : 'active', u.name]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n');
}

function emailAddress(text: string): string {
  const result = z.email().safeParse(text.trim());
  if (!result.success) throw new InvalidArgumentError('Expected an e-mail address.');
  return result.data;
}

function chosenPassword(text: string): string {
  const { min, max } = PASSWORD_LENGTH;
  if (text.length >= min && text.length <= max) return text;
  throw new InvalidArgumentError(`Expected ${min} to ${max} characters.`);
}
