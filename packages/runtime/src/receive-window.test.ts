import { FLOW_WINDOW_INITIAL, FLOW_WINDOW_MAX } from '@pocketproxy/protocol';
import { describe, expect, it } from 'vitest';
import { ReceiveWindow, WindowBudget } from './receive-window.ts';

const MIB = 1024 * 1024;
const NOW = 1_000;

/** A reader that takes `bytes` at a steady rate, asked when a grant is due; answers the widest window. */
function read(window: ReceiveWindow, bytes: number, bytesPerMs: number, roundTripMs: number): number {
  let [taken, now, widest] = [0, NOW, 0];
  while (taken < bytes) {
    const step = window.grantBytes;
    taken += step;
    now += step / bytesPerMs;
    window.adapt(taken, now, roundTripMs);
    widest = Math.max(widest, window.bytes);
  }
  return widest;
}

describe('the window of a flow', () => {
  it('stays small on a short way for what a socket takes in before anybody reads', () => {
    expect(read(new ReceiveWindow(new WindowBudget()), 7 * MIB, 400_000, 1)).toBe(FLOW_WINDOW_INITIAL);
  });

  it('widens on a short way once a fast reader is proven', () => {
    const widest = read(new ReceiveWindow(new WindowBudget()), 200 * MIB, 400_000, 5);
    expect(widest).toBeGreaterThan(4 * 400_000);
  });

  it('widens at once on a long way, which nothing else could fill', () => {
    expect(read(new ReceiveWindow(new WindowBudget()), 10 * MIB, 10_000, 100)).toBeGreaterThan(MIB);
  });

  it('is as wide as a long way needs within few round trips', () => {
    // One mebibyte is what the second round trip brings.
    expect(read(new ReceiveWindow(new WindowBudget()), MIB, 300_000, 100)).toBeGreaterThan(8 * MIB);
  });

  it('stays small for a slow reader', () => {
    expect(read(new ReceiveWindow(new WindowBudget()), 50 * MIB, 100, 100)).toBe(FLOW_WINDOW_INITIAL);
  });

  it('is small again after a rest', () => {
    const window = new ReceiveWindow(new WindowBudget());
    read(window, 10 * MIB, 10_000, 100);
    window.adapt(11 * MIB, NOW + 60_000, 100);
    expect(window.bytes).toBe(FLOW_WINDOW_INITIAL);
  });

  it('shares what goes beyond the initial size with all flows of its session', () => {
    const budget = new WindowBudget();
    const windows = Array.from({ length: 20 }, () => new ReceiveWindow(budget));
    for (const window of windows) read(window, 100 * MIB, 100_000, 100);
    const beyond = (): number => windows.reduce((sum, { bytes }) => sum + bytes - FLOW_WINDOW_INITIAL, 0);
    expect(beyond()).toBeLessThanOrEqual(FLOW_WINDOW_MAX);
    for (const window of windows) window.release();
    expect(beyond()).toBe(0);
    expect(read(windows[0]!, 400 * MIB, 100_000, 100)).toBeGreaterThan(FLOW_WINDOW_MAX / 2);
  });
});
