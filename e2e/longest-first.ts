import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, from a minute upwards, those that mostly wait among those that mostly work. One that began
 * last would leave all other workers with nothing to do.
 */
const LONGEST = [
  'rotation.test.ts',
  'lab-rotation.test.ts',
  'dashboard/accessible-pages.test.ts',
  'dashboard/administration.test.ts',
  'lab-openvpn-limits.test.ts',
  'dashboard/connections.test.ts',
  'lab-openvpn-sessions.test.ts',
  'dashboard/accessible-dialogs.test.ts',
  'dashboard/devices.test.ts',
  'dashboard/operator.test.ts',
  'notifications.test.ts',
  'lab-openvpn-traffic.test.ts',
];

/** Vitest's own order knows no times where the tests never ran, and then takes large files for long ones. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const places = new Map(sorted.map((file, place) => [file, place]));
    // Groups and projects stay apart: only within one is there anything to choose.
    const group = (file: TestSpecification) => sorted.findIndex(({ project }) => project === file.project);
    return sorted.toSorted(
      (a, b) => group(a) - group(b) || rank(a) - rank(b) || places.get(a)! - places.get(b)!,
    );
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((name) => moduleId.endsWith(`/e2e/${name}`));
  return at < 0 ? LONGEST.length : at;
}
