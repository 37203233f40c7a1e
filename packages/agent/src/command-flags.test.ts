import { describe, expect, it } from 'vitest';
import { AgentError } from './agent-error.ts';
import { readFlags } from './command-flags.ts';

describe('the flags of a command', () => {
  const read =
    (args: Record<string, unknown>, rawArgs: string[], positionals = 0) =>
    () =>
      readFlags({ _: [], ...args }, rawArgs, ['force'], positionals);

  it('are the settings that were given', () => {
    const args = { _: ['pocketproxy://relay'], 'state-dir': '/a', force: true };
    expect(read(args, ['pocketproxy://relay', '--state-dir=/a', '--force'], 1)()).toEqual({
      'state-dir': '/a',
    });
  });

  it.each([
    ['no such flag', {}, ['--egres-interface', 'wwan0']],
    ['a flag with one hyphen', {}, ['-egress-interface=wwan0']],
    ['a word without hyphens', { _: ['egress-interface', 'wwan0'] }, ['egress-interface', 'wwan0']],
    ['a flag at the end, without a value', { 'egress-interface': '' }, ['--egress-interface']],
    ['a value that a shell left empty', { 'egress-interface': ' ' }, ['--egress-interface', ' ']],
    ['a flag that is denied', { 'egress-interface': false }, ['--egress-interface']],
  ])('are refused with %s: customers would leave by the default route', (_what, args, rawArgs) => {
    expect(read(args, rawArgs)).toThrow(AgentError);
  });
});
