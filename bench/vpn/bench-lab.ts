import { LabWorld } from '../../e2e/lab/lab-world.ts';
import type { Started } from '../started.ts';

/** Runs `measure` in a lab with OpenVPN, which ends with it, and also when the bench is told to stop meanwhile. */
export async function inVpnLab<T>(started: Started, measure: (world: LabWorld) => Promise<T>): Promise<T> {
  const lab = await started.add(startLab());
  try {
    return await measure(lab.world);
  } finally {
    await started.stop(lab);
  }
}

async function startLab(): Promise<{ readonly world: LabWorld; stop(): Promise<void> }> {
  const world = await LabWorld.start({ vpn: true });
  return { world, stop: () => world.destroy() };
}
