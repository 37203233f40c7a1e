import { z } from 'zod';

/** Grows when an older program could not read what a newer one writes. */
export const BACKUP_FORMAT = 1;
export const MANIFEST_FILE = 'manifest.json';
/** Folders inside an archive. */
export const TABLES_FOLDER = 'database';
export const FILES_FOLDER = 'files';

/** One table as it was saved: `COPY` text, with these columns in this order. */
const tableSchema = z.object({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  rows: z.number().int(),
});
export type SavedTable = z.infer<typeof tableSchema>;

/** First file of an archive: what the rest is. */
export const manifestSchema = z.object({
  program: z.literal('pocketproxy'),
  format: z.number().int(),
  createdAt: z.iso.datetime(),
  /** How many migrations the database had: the restored one gets as many before its rows, and the others after. */
  migrations: z.number().int().min(1),
  /** In an order in which references are filled before what refers to them. */
  tables: z.array(tableSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A backup could not be made or restored, for a reason that the operator can do something about. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
  }
}
