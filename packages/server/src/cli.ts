#!/usr/bin/env node
import { Command } from 'commander';
import { doctorCommand } from './cli/doctor-command.ts';
import { serverCommand, startCommand } from './cli/server-commands.ts';
import { userCommand } from './cli/user-command.ts';

await new Command('pocketproxy')
  .description('Administration of a PocketProxy server')
  .addCommand(startCommand())
  .addCommand(serverCommand())
  .addCommand(userCommand())
  .addCommand(doctorCommand())
  .parseAsync();
