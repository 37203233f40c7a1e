import { Rotations, type RotationView } from '../harness/rotation.ts';
import type { LabWorld } from './lab-world.ts';
import { PLAN } from './network-plan.ts';

/** The rotations of the lab's phone. */
export function rotationsOf({ server, agent }: LabWorld): Rotations {
  return new Rotations(server.api, agent.deviceId);
}

/** The address that the web server sees of a customer. Waits as customers do who know that a phone may rotate. */
export async function seenAddress(world: LabWorld): Promise<string> {
  return (await world.curl('--max-time', '60', `http://${PLAN.web.ip4}/ip`)).stdout;
}

/** Flows that begin in the middle of a rotation, and how they went. */
export async function flowsDuring(world: LabWorld, rotation: RotationView): Promise<string[]> {
  await rotationsOf(world).at(rotation, 'radio');
  return await Promise.all(Array.from({ length: 8 }, () => seenAddress(world)));
}
