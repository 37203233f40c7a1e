import { AgentError } from './agent-error.ts';
import { type Flags, SETTINGS, type SettingName } from './config.ts';

const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The settings as arguments of a citty command. */
export const settingArguments = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, { type: 'string', description: SETTINGS[name] }]),
) as Record<SettingName, { readonly type: 'string'; readonly description: string }>;

/**
 * Picks the settings out of a command's arguments.
 * @throws {AgentError} bad_settings for a flag that the command does not have: citty would ignore it, and with it
 *   what its user wanted
 */
export function readFlags(
  args: Readonly<Record<string, unknown>>,
  rawArgs: readonly string[],
  others: readonly string[] = [],
): Flags {
  const known = new Set<string>([...SETTING_NAMES, ...others]);
  const unknown = rawArgs.filter((arg) => arg.startsWith('-') && !known.has(arg.replace(/^--?|=.*$/g, '')));
  if (unknown.length > 0) {
    throw new AgentError('bad_settings', `Unknown: ${unknown.join(', ')}. See --help for what there is`);
  }
  const given = SETTING_NAMES.map((name) => [name, args[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => typeof value === 'string')) as Flags;
}
