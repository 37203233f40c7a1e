import { PassThrough } from 'node:stream';
import { FLOW_WINDOW_INITIAL, FLOW_WINDOW_MAX } from '@pocketproxy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowControlChannel } from './flow-control.ts';

const grant = (id: number, limit: number) => {
  const message = Buffer.alloc(10);
  message.writeUInt32BE(id, 0);
  message.writeUIntBE(limit % 2 ** 48, 4, 6);
  return message;
};

describe('flow windows', () => {
  it('start with the initial window', () => {
    const sender = new FlowControlChannel();
    const window = sender.open(1);
    expect(window.room).toBe(FLOW_WINDOW_INITIAL);
    window.sent(1000);
    expect(window.room).toBe(FLOW_WINDOW_INITIAL - 1000);
  });

  it('grow by grants, whatever way these are cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000_000 }), { maxLength: 20 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 25 })),
        (steps, sizes) => {
          const channel = new FlowControlChannel();
          const stream = new PassThrough();
          channel.attach(stream);
          const window = channel.open(7);
          let limit = FLOW_WINDOW_INITIAL;
          const bytes = Buffer.concat(
            steps.map((step) => {
              limit += step;
              return grant(7, limit);
            }),
          );
          let at = 0;
          for (const size of sizes) {
            if (at >= bytes.length) break;
            stream.emit('data', bytes.subarray(at, at + size));
            at += size;
          }
          expect(window.room).toBe(limit);
        },
      ),
    );
  });

  it('ignore grants that are old, unknown or absurd', () => {
    const channel = new FlowControlChannel();
    const stream = new PassThrough();
    channel.attach(stream);
    const window = channel.open(3);
    stream.emit('data', grant(3, FLOW_WINDOW_INITIAL - 1));
    stream.emit('data', grant(5, FLOW_WINDOW_INITIAL + 1));
    stream.emit('data', grant(3, FLOW_WINDOW_INITIAL + 3 * FLOW_WINDOW_MAX));
    expect(window.room).toBe(FLOW_WINDOW_INITIAL);
  });

  it('are granted anew once a quarter was taken, and never before', () => {
    const written: Buffer[] = [];
    const channel = new FlowControlChannel();
    const stream = new PassThrough();
    stream.write = (chunk: Buffer) => {
      written.push(chunk);
      return true;
    };
    channel.attach(stream);
    const window = channel.open(9);
    window.taken(FLOW_WINDOW_INITIAL / 4 - 1);
    expect(written).toHaveLength(0);
    window.taken(1);
    expect(written).toHaveLength(1);
    expect(written[0]?.readUIntBE(4, 6)).toBe(FLOW_WINDOW_INITIAL / 4 + FLOW_WINDOW_INITIAL);
  });

  it('widen up to the maximum while a quarter of the window lasts less than a round trip', () => {
    let granted = 0;
    const channel = new FlowControlChannel();
    const stream = new PassThrough();
    stream.write = (chunk: Buffer) => {
      granted = chunk.readUIntBE(4, 6);
      return true;
    };
    channel.attach(stream);
    channel.roundTripMs = 60_000;
    const window = channel.open(1);
    let taken = 0;
    for (let i = 0; i < 2_000; i++) {
      window.taken(64 * 1024);
      taken += 64 * 1024;
    }
    expect(granted - taken).toBeLessThanOrEqual(FLOW_WINDOW_MAX);
    expect(granted - taken).toBeGreaterThanOrEqual(FLOW_WINDOW_MAX / 2);
  });
});
