import { Command } from 'commander';
import { backupCommand, restoreCommand } from './backup-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { serverCommand, startCommand } from './server-commands.ts';
import { userCommand } from './user-command.ts';

/** The command line with all its commands. */
export function createProgram(): Command {
  return new Command('pocketproxy')
    .description('Administration of a PocketProxy server')
    .addCommand(startCommand())
    .addCommand(serverCommand())
    .addCommand(userCommand())
    .addCommand(doctorCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
}
