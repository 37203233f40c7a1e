import { describe, expect, it } from 'vitest';
import { isInstalled } from './node-modules.mjs';

const PACKAGE = { version: '1.0.0', integrity: 'sha512-a' };
const NATIVE = { ...PACKAGE, optional: true, os: [process.platform], cpu: [process.arch] };

describe('isInstalled', () => {
  it('is content with the same versions, whatever the workspaces are', () => {
    expect(isInstalled({ '': {}, bench: {}, 'node_modules/a': PACKAGE }, { 'node_modules/a': PACKAGE })).toBe(
      true,
    );
  });

  it.each([
    ['missing', {}],
    ['of another version', { 'node_modules/a': { ...PACKAGE, version: '1.0.1' } }],
    ['of other content', { 'node_modules/a': { ...PACKAGE, integrity: 'sha512-b' } }],
  ])('notices a package that is %s', (_what, installed) => {
    expect(isInstalled({ 'node_modules/a': PACKAGE }, installed)).toBe(false);
  });

  it('does without packages of other platforms', () => {
    expect(isInstalled({ 'node_modules/a': { ...NATIVE, os: ['other'] } }, {})).toBe(true);
    expect(isInstalled({ 'node_modules/a': { ...NATIVE, libc: ['musl'] } }, {})).toBe(true);
  });

  it('does not do without a package of this platform', () => {
    expect(isInstalled({ 'node_modules/a': NATIVE }, {})).toBe(false);
  });
});
