import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawPicture, type Picture } from './picture.ts';
import type { Results } from './results-file.ts';

const FOLDER = join(import.meta.dirname, '../../docs/bench');

/** Which figures a picture shows: those whose id starts with one of these. */
interface Group extends Pick<Picture, 'title' | 'better' | 'scales'> {
  readonly file: string;
  readonly ids: readonly string[];
}

const GROUPS: readonly Group[] = [
  { file: 'flows', title: 'New flows', ids: ['flows-'], better: 'more', scales: 'shared' },
  { file: 'requests', title: 'Requests on open flows', ids: ['requests'], better: 'more', scales: 'shared' },
  { file: 'bulk', title: 'Bulk transfers', ids: ['bulk-', 'long-way'], better: 'more', scales: 'shared' },
  {
    ...{ file: 'latency', title: 'Time added until the first byte' },
    ...{ ids: ['first-byte', 'vpn-first-byte'], better: 'less', scales: 'own' },
  },
  {
    ...{ file: 'vpn', title: 'OpenVPN', ids: ['vpn-down', 'vpn-up'], better: 'more', scales: 'shared' },
  },
  {
    ...{ file: 'memory', title: 'Memory of the relay' },
    ...{ ids: ['idle-memory', 'phones-memory'], better: 'less', scales: 'own' },
  },
  {
    ...{ file: 'crowd', title: 'Many phones, many flows' },
    ...{ ids: ['phones-cpu', 'phones-relay-memory', 'open-flows-loop'], better: 'less', scales: 'own' },
  },
];

/** Draws a picture of each group of figures into `docs/bench`, as far as they were measured. */
export async function drawPictures({ figures, machine }: Results): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const { file, ids, ...group } of GROUPS) {
    const shown = figures.filter(({ id }) => ids.some((start) => id.startsWith(start)));
    if (shown.length === 0) continue;
    const svg = drawPicture({ ...group, figures: shown, place: `${machine.cores} cores, ${machine.cpu}` });
    await writeFile(join(FOLDER, `${file}.svg`), svg);
  }
}
