import type { ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { type Hello, TELEMETRY_INTERVAL_MS, TUNNEL_PATHS } from '@pocketproxy/protocol';
import { createLogger, FakeClock } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import type { Egress } from '../egress/egress.ts';
import type { Platform } from '../platform/platform.ts';
import { TunnelRequests } from './tunnel-requests.ts';

const HELLO: Hello = {
  type: 'hello',
  agentVersion: '1.0.0',
  platform: 'linux',
  model: null,
  osVersion: 'Linux',
  capabilities: [],
  missing: [],
};

/** The part of a request's stream that is used for telemetry. */
class TelemetryStream extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
  respond(): void {}
}

describe('the report of telemetry', () => {
  const untilSettled = () => new Promise((resolve) => setImmediate(resolve));

  /** A device that takes its time to say what it can do. */
  function slowDevice() {
    const clock = new FakeClock();
    const stream = new TelemetryStream();
    const told = { telemetry: 0 };
    let sayHello = () => {};
    const requests = new TunnelRequests({
      platform: {
        hello: () =>
          new Promise((resolve) => {
            sayHello = () => resolve(HELLO);
          }),
        telemetry: async () => {
          told.telemetry += 1;
          return {};
        },
      } as unknown as Platform,
      egress: { egressAddress: () => '192.0.2.1' } as unknown as Egress,
      orders: { take: () => Promise.reject(new Error('not expected')) },
      clock,
      log: createLogger({ level: 'silent' }),
    });
    requests.handle(stream as unknown as ServerHttp2Stream, {
      ':method': 'GET',
      ':path': TUNNEL_PATHS.telemetry,
    });
    return { clock, stream, told, sayHello: () => sayHello() };
  }

  it('goes on for as long as the session lasts', async () => {
    const { clock, stream, told, sayHello } = slowDevice();
    sayHello();
    await untilSettled();
    clock.advance(TELEMETRY_INTERVAL_MS);
    expect(told.telemetry).toBe(2);
    stream.destroy();
    await untilSettled();
    clock.advance(10 * TELEMETRY_INTERVAL_MS);
    expect(told.telemetry).toBe(2);
  });

  it('does not begin when the session ended before the device had said what it can do', async () => {
    const { clock, stream, told, sayHello } = slowDevice();
    stream.destroy();
    await untilSettled();
    sayHello();
    await untilSettled();
    clock.advance(10 * TELEMETRY_INTERVAL_MS);
    expect(told.telemetry).toBe(0);
  });
});
