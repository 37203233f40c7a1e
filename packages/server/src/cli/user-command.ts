import { roleSchema } from '@pocketproxy/protocol/api';
import { RealClock } from '@pocketproxy/runtime';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { openSecrets } from '../secrets.ts';
import { type Login, type UserSummary, Users } from '../services/users.ts';
import { orExplain } from './expected-errors.ts';
import { withDatabase } from './with-database.ts';

/** `pocketproxy user add|list|password|disable|enable`: people who can log in. Works while the server runs. */
export function userCommand(): Command {
  const user = new Command('user').description('People who can log in');

  user
    .command('add')
    .description('Add a user; prints a password unless one is given')
    .argument('<email>', 'e-mail address', emailAddress)
    .option('--name <name>', 'how the user is called')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(roleSchema.options).default('operator'),
    )
    .option('--password <password>', 'at least 8 characters', chosenPassword)
    .action((email: string, { name, role, password }: { name?: string; role: string; password?: string }) =>
      withUsers(async (users) => {
        const added = { email, name: name ?? email, role: roleSchema.parse(role), password };
        tell(await users.add(added), password);
      }),
    );

  user
    .command('list')
    .description('List all users')
    .action(() => withUsers(async (users) => console.log(table(await users.list()))));

  user
    .command('password')
    .description('Set a new password and end the sessions of a user; prints a password unless one is given')
    .argument('<email>')
    .option('--password <password>', 'at least 8 characters', chosenPassword)
    .action((email: string, { password }: { password?: string }) =>
      withUsers(async (users) => tell(await users.setPassword(email, password), password)),
    );

  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    user
      .command(name)
      .description(disabled ? 'Refuse logins and end the sessions of a user' : 'Allow logins again')
      .argument('<email>')
      .action((email: string) => withUsers((users) => users.setDisabled(email, disabled)));
  }
  return user;
}

async function withUsers(command: (users: Users) => Promise<void>): Promise<void> {
  await orExplain(async () => {
    const config = loadConfig();
    await withDatabase(config, async ({ db }) => {
      const { loginHash } = await openSecrets(config, db, new RealClock());
      await command(new Users(db, loginHash));
    });
  });
}

function tell({ email, password }: Login, chosen: string | undefined): void {
  console.log(chosen === undefined ? `${email}  ${password}` : email);
}

function table(users: readonly UserSummary[]): string {
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
  if (text.length < 8 || text.length > 128) throw new InvalidArgumentError('Expected 8 to 128 characters.');
  return text;
}
