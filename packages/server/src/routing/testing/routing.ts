import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import type { Connection } from '../../domain/connection.ts';
import { Capacity } from '../capacity.ts';
import { ConnectionDirectory } from '../connection-directory.ts';
import { Gateway } from '../gateway.ts';
import { LiveFlows } from '../live-flows.ts';
import { RotationGate } from '../rotation-gate.ts';
import { UsageRecorder } from '../usage-recorder.ts';
import {
  FakeBus,
  FakeConnectionStore,
  FakePorts,
  FakeTunnels,
  FakeUsageStore,
  FakeVerifier,
} from './fakes.ts';

/** The real routing over fakes of everything around it. */
export async function startRouting(rows: Connection[], maxFlows = 1_000) {
  const clock = new FakeClock();
  const bus = new FakeBus();
  const store = new FakeConnectionStore(rows);
  const ports = new FakePorts();
  const tunnels = new FakeTunnels();
  const credentials = new FakeVerifier();
  const usageStore = new FakeUsageStore();
  const log = silentLogger();
  const liveFlows = new LiveFlows({ idleTimeoutMs: 300_000, halfClosedTimeoutMs: 60_000 }, clock);
  const directory = new ConnectionDirectory(store, bus, ports, clock, log);
  const gate = new RotationGate(clock, (deviceId) => directory.endFlowsOf(deviceId));
  const capacity = new Capacity({
    ...{ maxFlows, maxMemoryBytes: Number.POSITIVE_INFINITY, clock },
    openFlows: () => liveFlows.size,
    collectGarbage: () => {},
    memoryInUse: () => 0,
    onChange: () => {},
  });
  const gateway = new Gateway({ directory, tunnels, credentials, liveFlows, gate, capacity, clock });
  const usage = new UsageRecorder(directory, usageStore, clock, log);
  await directory.start();
  return {
    clock,
    bus,
    store,
    ports,
    tunnels,
    credentials,
    usageStore,
    liveFlows,
    directory,
    gate,
    gateway,
    usage,
  };
}
