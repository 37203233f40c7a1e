import { createLogger } from '@pocketproxy/runtime';
import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { DataDirLock } from '../data-dir-lock.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { Lifecycle } from '../lifecycle.ts';
import { orExplain } from './or-explain.ts';

/** `pocketproxy backup [file]`: everything that cannot be made again, in one archive. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Save database, keys and settings into one archive, also while the server runs')
    .argument('[file]', 'archive to make (default: pocketproxy-<time>.tar.gz in this folder)')
    .action((file: string | undefined) =>
      orExplain(async () => {
        const config = loadConfig();
        const log = createLogger({ level: config.logLevel ?? 'error' });
        const now = new Date();
        const name = file ?? `pocketproxy-${now.toISOString().slice(0, 19).replaceAll(':', '')}.tar.gz`;
        const { createBackup } = await import('../backup/create-backup.ts');
        const { withDatabase } = await import('./with-database.ts');
        const made = await withDatabase(config, ({ address }) =>
          createBackup({ dataDir: config.dataDir, address, file: name, now, log }),
        );
        console.log(`${made.file}: ${made.rows} rows of ${made.tables} tables, ${made.bytes} bytes`);
        console.log('It holds the keys of this server: keep it as you keep those.');
      }),
    );
}

/** `pocketproxy restore <file>`: the opposite, into an empty data directory. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('Bring a backup back, into an empty data directory and database')
    .argument('<file>', 'archive that backup made')
    .action((file: string) =>
      orExplain(async () => {
        const config = loadConfig();
        const log = createLogger({ level: config.logLevel ?? 'error' });
        const lifecycle = new Lifecycle(log);
        try {
          const { restoreBackup } = await import('../backup/restore-backup.ts');
          const lock = await DataDirLock.acquire(config.dataDir, 0);
          lifecycle.onStop('lock', () => lock.release());
          const manifest = await restoreBackup({
            ...{ file, dataDir: config.dataDir, log },
            openDatabase: async () => {
              if (config.databaseUrl !== null) return config.databaseUrl;
              const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
              lifecycle.onStop('database', () => embedded.stop());
              return embedded.connection;
            },
          });
          const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
          console.log(`${config.dataDir}: ${rows} rows as they were at ${manifest.createdAt}`);
        } finally {
          await lifecycle.stop();
        }
      }),
    );
}
