import { eq } from 'drizzle-orm';
import type { Db } from './database.ts';
import { settings } from './schema.ts';

/** Small facts that all processes on this database share. Holds no secret. */
export class SettingsStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async get(name: string): Promise<string | null> {
    const [row] = await this.#db.select().from(settings).where(eq(settings.name, name));
    return row?.value ?? null;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#db
      .insert(settings)
      .values({ name, value })
      .onConflictDoUpdate({ target: settings.name, set: { value } });
  }
}
