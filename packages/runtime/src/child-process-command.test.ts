import { describe, expect, it } from 'vitest';
import { findExecutable, launchCommand } from './child-process-command.ts';

const SPEC = { name: 'shell', command: '/bin/sh', args: ['-c', 'exit 0'] };

describe('launchCommand', () => {
  it('lets the kernel end the child with us where setpriv exists', () => {
    expect(launchCommand(SPEC, '/usr/bin/setpriv')).toEqual({
      command: '/usr/bin/setpriv',
      args: ['--pdeathsig', 'SIGKILL', '--', '/bin/sh', '-c', 'exit 0'],
    });
  });

  it('gives up root and keeps only the named capabilities', () => {
    const runAs = { uid: 42, gid: 43, capabilities: ['dac_override', 'dac_read_search'] };
    expect(
      launchCommand({ ...SPEC, runAs, deathSignal: 'SIGINT' }, '/usr/bin/setpriv').args.slice(0, -3),
    ).toEqual([
      '--reuid=42',
      '--regid=43',
      '--clear-groups',
      '--inh-caps=+dac_override,+dac_read_search',
      '--ambient-caps=+dac_override,+dac_read_search',
      '--securebits=+no_setuid_fixup',
      '--pdeathsig',
      'SIGINT',
      '--',
    ]);
  });

  it('leaves changing the user to spawn where setpriv is missing', () => {
    const launched = launchCommand({ ...SPEC, runAs: { uid: 42, gid: 43 } }, null);
    expect(launched).toEqual({ command: '/bin/sh', args: ['-c', 'exit 0'], uid: 42, gid: 43 });
  });

  it('names the program that is missing', () => {
    expect(() => launchCommand({ ...SPEC, command: 'no-such-program-here' }, null)).toThrow(
      'no-such-program-here',
    );
  });
});

describe('findExecutable', () => {
  it('looks through PATH', () => {
    expect(findExecutable('sh', '/nowhere:/bin')).toBe('/bin/sh');
  });

  it('answers null for a folder, a file without the right and a missing file', () => {
    expect(findExecutable('/bin')).toBeNull();
    expect(findExecutable(import.meta.filename)).toBeNull();
    expect(findExecutable('no-such-program-here')).toBeNull();
  });
});
