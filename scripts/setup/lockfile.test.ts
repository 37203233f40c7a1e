import { describe, expect, it } from 'vitest';
import { missingEntries, platformOf } from './lockfile.mjs';

describe('missingEntries', () => {
  it('adds what a package wants for another platform, by exact version', () => {
    const tool = { version: '1.0.0', dev: true, optionalDependencies: { 'tool-darwin-arm64': '1.0.0' } };
    expect(missingEntries({ 'node_modules/tool': tool })).toEqual({
      'node_modules/tool-darwin-arm64': {
        version: '1.0.0',
        dev: true,
        optional: true,
        os: ['darwin'],
        cpu: ['arm64'],
      },
    });
  });

  it('leaves alone what is there, beside the package or above it', () => {
    const tool = { version: '1.0.0', optionalDependencies: { above: '1.0.0', beside: '1.0.0' } };
    expect(
      missingEntries({
        'node_modules/tool': tool,
        'node_modules/above': {},
        'node_modules/tool/node_modules/beside': {},
      }),
    ).toEqual({});
  });

  it('leaves alone ranges, of which it cannot tell the version', () => {
    expect(missingEntries({ 'node_modules/tool': { optionalDependencies: { fsevents: '^2.0.0' } } })).toEqual(
      {},
    );
  });
});

describe('platformOf', () => {
  it.each([
    ['@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-arm-musleabihf', { os: ['linux'], cpu: ['arm'], libc: ['musl'] }],
    ['@rolldown/binding-linux-arm64-gnu', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }],
    ['@oxc-parser/binding-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
  ])('reads %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
