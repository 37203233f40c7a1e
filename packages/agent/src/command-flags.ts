import { AgentError } from './agent-error.ts';
import { type Flags, SETTINGS, type SettingName } from './config.ts';

const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The settings as arguments of a citty command. */
export const settingArguments = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, { type: 'string', description: SETTINGS[name] }]),
) as Record<SettingName, { readonly type: 'string'; readonly description: string }>;

/**
 * Picks the settings out of a command's arguments, of which `positionals` may stand for themselves.
 * @throws {AgentError} bad_settings for what the command does not have, and for a flag without a value: citty would
 *   ignore it, and with it what its user wanted, such as that customers leave by one interface and no other
 */
export function readFlags(
  args: Readonly<Record<string, unknown>>,
  rawArgs: readonly string[],
  others: readonly string[] = [],
  positionals = 0,
): Flags {
  const known = new Set<string>([...SETTING_NAMES, ...others]);
  // A single hyphen would begin flags of one letter, of which there are none.
  const isKnown = (arg: string) => arg.startsWith('--') && known.has(arg.replace(/^--|=.*$/g, ''));
  const unknown = rawArgs.filter((arg) => arg.startsWith('-') && !isKnown(arg));
  const surplus = wordsOf(args).slice(positionals);
  if (unknown.length > 0 || surplus.length > 0) {
    const words = [...unknown, ...surplus].join(', ');
    throw new AgentError('bad_settings', `Unknown: ${words}. See --help for what there is`);
  }
  const given = SETTING_NAMES.map((name) => [name, args[name]] as const).filter(
    ([, value]) => value !== undefined,
  );
  const empty = given.filter(([, value]) => typeof value !== 'string' || value.trim() === '');
  if (empty.length > 0) {
    const flags = empty.map(([name]) => `--${name}`).join(', ');
    throw new AgentError('bad_settings', `No value for ${flags}. Leave it out for the default`);
  }
  return Object.fromEntries(given) as Flags;
}

/** What is neither a flag nor the value of one. */
function wordsOf(args: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(args['_']) ? args['_'].map(String) : [];
}
