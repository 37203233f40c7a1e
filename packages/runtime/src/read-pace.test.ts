import { describe, expect, it } from 'vitest';
import { ReadPace } from './read-pace.ts';

describe('ReadPace', () => {
  /** Pieces of `bytes` each `everyMs`; which of them a rest follows. */
  const rests = (pace: ReadPace, bytes: number, everyMs: number, count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => pace.restsAfter(bytes, from + index * everyMs));

  it('rests after each packet of a bulk transfer, once it knows the rate', () => {
    const seen = rests(new ReadPace(), 1_400, 0.1, 200);
    expect(seen.slice(0, 40)).not.toContain(true);
    expect(seen.slice(90)).not.toContain(false);
  });

  it('never rests for requests and answers', () => {
    expect(rests(new ReadPace(), 1_400, 2, 500)).not.toContain(true);
    expect(rests(new ReadPace(), 8_000, 10, 500)).not.toContain(true);
  });

  it('does not rest after a read that may have left something behind', () => {
    expect(rests(new ReadPace(), 64 * 1024, 0.1, 500)).not.toContain(true);
  });

  it('never rests while most of what comes fills whole reads, whatever is left between them', () => {
    const pace = new ReadPace();
    const seen = Array.from({ length: 400 }, (_, index) =>
      pace.restsAfter(index % 4 === 3 ? 20_000 : 64 * 1024, index * 0.2),
    );
    expect(seen).not.toContain(true);
  });

  it('goes on resting when a busy machine lets a whole read gather now and then', () => {
    const pace = new ReadPace();
    const seen = Array.from({ length: 200 }, (_, index) =>
      pace.restsAfter(index % 5 === 4 ? 64 * 1024 : 20_000, index * 1.2),
    );
    expect(seen.slice(10).filter((_, index) => (index + 10) % 5 !== 4)).not.toContain(false);
  });

  it('forgets a transfer that has ended', () => {
    const pace = new ReadPace();
    expect(rests(pace, 1_400, 0.1, 200).at(-1)).toBe(true);
    expect(rests(pace, 100, 50, 3, 1_000)).toEqual([false, false, false]);
  });
});
