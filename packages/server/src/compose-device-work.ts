import type { Clock, Logger } from '@pocketproxy/runtime';
import { CommandRepository } from './db/command-repository.ts';
import type { Db } from './db/database.ts';
import { RotationLinkRepository } from './db/rotation-link-repository.ts';
import { RotationRepository } from './db/rotation-repository.ts';
import { RotationSchedule } from './db/rotation-schedule.ts';
import type { Bus } from './domain/bus.ts';
import { startAutoRotation } from './services/auto-rotation.ts';
import { Commands, startCommandExpiry } from './services/commands.ts';
import type { Devices } from './services/devices.ts';
import { OutcomeWaiter } from './services/outcome-waiter.ts';
import { RotationLinks } from './services/rotation-links.ts';
import { Rotations } from './services/rotations.ts';
import type { ServerKey } from './services/server-key.ts';
import { startStaleRotations } from './services/stale-rotations.ts';

export interface DeviceWorkDependencies {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  readonly devices: Devices;
  readonly serverKey: ServerKey;
}

/** What control asks phones to do. */
export interface DeviceWork {
  readonly rotations: Rotations;
  readonly commands: Commands;
  readonly rotationLinks: RotationLinks;
  /** Begins what happens by itself. Answers a function that stops it. */
  start(): () => void;
}

/** Composes commands, rotations, their links and their schedule. */
export function composeDeviceWork(deps: DeviceWorkDependencies): DeviceWork {
  const { db, bus, clock, log, newId, devices, serverKey } = deps;
  const waiter = new OutcomeWaiter(bus, clock);
  const rotations = new Rotations({ repository: new RotationRepository(db), waiter, clock, newId });
  const commandRepository = new CommandRepository(db);
  return {
    rotations,
    commands: new Commands({ repository: commandRepository, devices, rotations, waiter, clock, newId }),
    rotationLinks: new RotationLinks({
      ...{ rotations, clock, newId },
      repository: new RotationLinkRepository(db),
      hashKey: serverKey.derive('rotation link'),
    }),
    start: () => {
      const stops = [
        startAutoRotation(new RotationSchedule(db, Math.random), clock, log),
        startCommandExpiry(commandRepository, clock, log),
        startStaleRotations({ db, newId, clock, log }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
