import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { Db } from '../db/database.ts';
import { settings } from '../db/schema.ts';

/** What keys are derived for. A name never changes: it is part of the key. */
export type KeyPurpose =
  | 'proxy password'
  | 'chosen proxy password'
  | 'login password'
  | 'identity secret'
  | 'idempotency'
  | 'rotation link'
  | 'webhook secret'
  | 'openvpn';

/**
 * The secret that is not in the database, so that a stolen database alone verifies no password. All processes on
 * one database have the same. See docs/adr/0004-credentials.md.
 */
export class ServerKey {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** 32 bytes for one purpose; knowing them tells nothing of the others. */
  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, '', `pocketproxy ${purpose}`, 32));
  }

  /** Tells this key from others and nothing more. */
  checkValue(): string {
    return createHmac('sha256', this.#key).update('pocketproxy server key').digest('hex');
  }
}

/** The key of this process is not the one that the database was set up with. */
export class ServerKeyMismatchError extends Error {
  constructor(path: string) {
    super(
      `This database was set up with another server key, so no stored password would match. ` +
        `Copy server.key from the first server's data directory to ${path}, or set POCKETPROXY_SERVER_KEY to its content.`,
    );
    this.name = 'ServerKeyMismatchError';
  }
}

/** Reads the key from the setting or from `server.key` in the data directory, which is made when it is missing. */
export async function loadServerKey(dataDir: string, fromSettings: string | null): Promise<ServerKey> {
  const hex = fromSettings ?? (await readOrCreate(join(dataDir, 'server.key')));
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new Error(`${join(dataDir, 'server.key')} does not hold 64 hex digits. Restore it from a backup.`);
  }
  return new ServerKey(Buffer.from(hex, 'hex'));
}

/**
 * Makes sure that this process has the key that the database knows; the first process decides.
 * @throws {ServerKeyMismatchError}
 */
export async function checkServerKey(db: Db, key: ServerKey, dataDir: string): Promise<void> {
  const name = 'server_key_check';
  await db.insert(settings).values({ name, value: key.checkValue() }).onConflictDoNothing();
  const [stored] = await db.select().from(settings).where(eq(settings.name, name));
  const same = timingSafeEqual(Buffer.from(stored?.value ?? ''), Buffer.from(key.checkValue()));
  if (!same) throw new ServerKeyMismatchError(join(dataDir, 'server.key'));
}

async function readOrCreate(path: string): Promise<string> {
  const existing = await read(path);
  if (existing !== null) return existing;
  // Written aside and linked, so that a crash leaves no half a key and of two processes one wins.
  const draft = `${path}.${process.pid}`;
  await mkdir(join(path, '..'), { recursive: true, mode: 0o711 });
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft, { force: true });
  return (await read(path)) ?? '';
}

async function read(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
