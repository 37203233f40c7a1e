import type { Radio } from './controls.ts';
import type { RunDeviceProgram } from './device-program.ts';

/** The radio as `--radio-command` controls it: a program that is called with `off`, `on` or `status`. */
export class RadioCommand implements Radio {
  readonly #program: string;
  readonly #run: RunDeviceProgram;

  constructor(program: string, run: RunDeviceProgram) {
    this.#program = program;
    this.#run = run;
  }

  off(): Promise<string> {
    return this.#run(this.#program, ['off']);
  }

  on(): Promise<string> {
    return this.#run(this.#program, ['on']);
  }

  status(): Promise<string> {
    return this.#run(this.#program, ['status']);
  }
}
