import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAN } from './network-plan.ts';
import type { Addresses } from './wiring.ts';

/**
 * What the phone's radio does wrong. `same-address`: the network gives the old addresses again; `no-network`: the radio
 * is on and gets none.
 */
export type RadioFault = 'off-fails' | 'on-fails' | 'same-address' | 'no-network';

/** The fault, and for how many more calls that it concerns. */
export interface PlannedFault {
  readonly fault: RadioFault | null;
  readonly times: number;
}

const MAIN = join(import.meta.dirname, 'radio-main.ts');

/** The radio of the lab's phone as files, shared with the program that the agent calls. */
export class LabRadio {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the program for `--radio-command`. */
  static async create(folder: string): Promise<LabRadio> {
    const radio = new LabRadio(folder);
    await mkdir(folder, { recursive: true });
    await radio.setAddresses(PLAN.rmnet0);
    // The agent runs a program without further arguments, and `node` may be an old one there.
    const script = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' '${folder}' "$@"\n`;
    await writeFile(radio.program, script, { mode: 0o755 });
    return radio;
  }

  /** Path of the program for `--radio-command`. */
  get program(): string {
    return join(this.#folder, 'radio.sh');
  }

  /** Lets the next calls fail, or the network behave; `null` ends that. */
  async plan(fault: RadioFault | null, times = Number.MAX_SAFE_INTEGER): Promise<void> {
    const planned: PlannedFault = { fault, times };
    await writeFile(this.#faultFile, JSON.stringify(planned));
  }

  /** Whether this call is to go wrong as `fault` says; counts it. */
  async isDue(fault: RadioFault): Promise<boolean> {
    const text = await readFile(this.#faultFile, 'utf8').catch(() => null);
    if (text === null) return false;
    const planned = JSON.parse(text) as PlannedFault;
    if (planned.fault !== fault || planned.times <= 0) return false;
    await this.plan(fault, planned.times - 1);
    return true;
  }

  /** What the program was called with so far: `off`, `on`, `status`. */
  async calls(): Promise<readonly string[]> {
    const text = await readFile(this.#callsFile, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  async noteCall(call: string): Promise<void> {
    await writeFile(this.#callsFile, `${call}\n`, { flag: 'a' });
  }

  /** The addresses that `rmnet0` got last; a switched-off radio has none of them. */
  get addresses(): Addresses {
    return JSON.parse(readFileSync(this.#addressFile, 'utf8')) as Addresses;
  }

  async setAddresses(addresses: Addresses): Promise<void> {
    await writeFile(this.#addressFile, JSON.stringify(addresses));
  }

  get #addressFile(): string {
    return join(this.#folder, 'addresses.json');
  }

  get #callsFile(): string {
    return join(this.#folder, 'calls');
  }

  get #faultFile(): string {
    return join(this.#folder, 'fault.json');
  }
}
