import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import { AttemptLimiter } from './attempt-limiter.ts';

describe('the limiter of attempts', () => {
  it('blocks a key for a whole window after too many failures, and nobody else', () => {
    const clock = new FakeClock();
    const limiter = new AttemptLimiter(clock, 3, 60_000);
    limiter.noteFailure('a');
    clock.advance(50_000);
    limiter.noteFailure('a');
    expect(limiter.allows('a')).toBe(true);
    limiter.noteFailure('a');
    expect(limiter.allows('a')).toBe(false);
    expect(limiter.allows('b')).toBe(true);
    clock.advance(59_999);
    expect(limiter.allows('a')).toBe(false);
    clock.advance(1);
    expect(limiter.allows('a')).toBe(true);
  });

  it('forgets failures that are older than the window', () => {
    const clock = new FakeClock();
    const limiter = new AttemptLimiter(clock, 2, 60_000);
    limiter.noteFailure('a');
    clock.advance(60_000);
    limiter.noteFailure('a');
    expect(limiter.allows('a')).toBe(true);
  });

  it('stays bounded when an attacker makes keys up, and still limits the others one by one', () => {
    const clock = new FakeClock();
    const limiter = new AttemptLimiter(clock, 3, 60_000);
    for (let i = 0; i < 3; i++) limiter.noteFailure('first');
    for (let i = 0; i < 10_000; i++) limiter.noteFailure(`k${i}`);
    expect(limiter.allows('first')).toBe(true);
    for (let i = 0; i < 3; i++) limiter.noteFailure('late');
    expect(limiter.allows('late')).toBe(false);
    expect(limiter.allows('honest')).toBe(true);
  });
});
