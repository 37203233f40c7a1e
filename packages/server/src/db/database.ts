import type { Logger } from '@pocketproxy/runtime';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as accessTables from './access-schema.ts';
import * as authSchema from './auth-schema.ts';
import { databaseSocket } from './database-socket.ts';
import * as deviceWorkTables from './device-work-schema.ts';
import type { SocketConnection } from './embedded-postgres.ts';
import * as metricsTables from './metrics-schema.ts';
import * as notificationTables from './notification-schema.ts';
import { preparing } from './prepared-statements.ts';
import * as tables from './schema.ts';

const schema = {
  ...authSchema,
  ...tables,
  ...deviceWorkTables,
  ...notificationTables,
  ...accessTables,
  ...metricsTables,
};

/** The typed query builder. A transaction has the same interface. */
export type Db = PostgresJsDatabase<typeof schema>;

/** Where the server is: a URL, or the socket of the embedded one. */
export type DatabaseAddress = string | SocketConnection;

/** A pool of connections to PostgreSQL. */
export interface Database {
  readonly address: DatabaseAddress;
  readonly db: Db;
  /** Answers when the server does. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly address: DatabaseAddress;
  readonly log: Logger;
  readonly maxConnections?: number;
}

/** A client of the driver. Reconnecting begins fast and never waits more than a second. */
export function connect({ address, log, maxConnections = 10 }: DatabaseOptions): postgres.Sql {
  const options = {
    max: maxConnections,
    connect_timeout: 5,
    backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
    connection: { application_name: 'pocketproxy' },
    socket: databaseSocket,
    onnotice: (notice: postgres.Notice) => log.debug({ notice: notice.message }, 'database notice'),
  };
  return typeof address === 'string' ? postgres(address, options) : postgres({ ...address, ...options });
}

/** Opens a pool; connections are made when they are needed. */
export function openDatabase(options: DatabaseOptions): Database {
  const client = connect(options);
  return {
    address: options.address,
    db: drizzle({ client: preparing(client), schema }),
    ping: async () => void (await client`select 1`),
    close: () => client.end({ timeout: 2 }),
  };
}
