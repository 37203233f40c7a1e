import { access, rm } from 'node:fs/promises';
import { writeFileAtomically } from '../state/atomic-file.ts';
import type { RadioMark } from './radio-guard.ts';

/** The mark as a file that exists while the radio may be off. */
export class RadioOffFile implements RadioMark {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  isSet(): Promise<boolean> {
    return access(this.#path).then(
      () => true,
      () => false,
    );
  }

  set(): Promise<void> {
    return writeFileAtomically(
      this.#path,
      'The radio may be off. The agent switches it on when it starts.\n',
    );
  }

  clear(): Promise<void> {
    return rm(this.#path, { force: true });
  }
}
