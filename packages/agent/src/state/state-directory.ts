import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AgentError } from '../agent-error.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { type AgentIdentity, identitySchema } from './identity.ts';

/**
 * A claim whose answer is not known yet. The relay answers the same key again, so that a lost answer does not cost
 * the pairing code.
 */
const pendingPairingSchema = z.object({
  /** SHA-256 of the pairing code, hex: which claim the key belongs to, without keeping the secret. */
  codeHash: z.string(),
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
});
export type PendingPairing = z.infer<typeof pendingPairingSchema>;

/** The files of one agent. One identity is one file, so that pairing anew replaces it in one step. */
export class StateDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, readable by its owner alone. */
  async prepare(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await chmod(this.path, 0o700);
  }

  /** `null` when this device was never paired. @throws {AgentError} state_unreadable */
  readIdentity(): Promise<AgentIdentity | null> {
    return readJson(this.#identityFile, identitySchema);
  }

  async writeIdentity(identity: AgentIdentity): Promise<void> {
    await this.prepare();
    await writeFileAtomically(this.#identityFile, `${JSON.stringify(identity, null, 2)}\n`);
  }

  async readPendingPairing(): Promise<PendingPairing | null> {
    // What cannot be read is of no use, and never worth stopping for.
    return readJson(this.#pendingFile, pendingPairingSchema).catch(() => null);
  }

  async writePendingPairing(pending: PendingPairing): Promise<void> {
    await this.prepare();
    await writeFileAtomically(this.#pendingFile, JSON.stringify(pending));
  }

  async removePendingPairing(): Promise<void> {
    await rm(this.#pendingFile, { force: true });
  }

  get lockFile(): string {
    return join(this.path, 'run.lock');
  }

  /** Which orders were begun, and how they ended. */
  get ordersFile(): string {
    return join(this.path, 'orders.json');
  }

  /** Exists while the radio may be off. */
  get radioOffFile(): string {
    return join(this.path, 'radio-off');
  }

  /** The address that a simulated network gave last. */
  get simulatedAddressFile(): string {
    return join(this.path, 'simulated-address');
  }

  /** What a simulated network does wrong, for tests and demonstrations; nothing while it is not there. */
  get simulatedFaultsFile(): string {
    return join(this.path, 'simulated-faults');
  }

  get #identityFile(): string {
    return join(this.path, 'identity.json');
  }

  get #pendingFile(): string {
    return join(this.path, 'pairing.json');
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(path, (error as Error).message, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, 'it is not JSON', error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'content');
  throw unreadable(path, `wrong or missing: ${[...new Set(fields)].join(', ')}`);
}

function unreadable(path: string, why: string, cause?: unknown): AgentError {
  return new AgentError(
    'state_unreadable',
    `${path} cannot be read: ${why}. Restore the file, or pair this device anew with --force`,
    { cause },
  );
}
