import type { Clock } from '@pocketproxy/runtime';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';
import { ConcurrencyGate } from './services/concurrency-gate.ts';
import { ProxyCredentials } from './services/credentials.ts';
import { PasswordHash } from './services/password-hash.ts';
import { checkServerKey, loadServerKey, type ServerKey } from './services/server-key.ts';

/** bcrypt's cost; about 60 ms of one core. The pepper makes a stolen hash useless in any case. */
const BCRYPT_COST = 10;
/** Of libuv's four threads; files and name look-ups need the others. */
const BCRYPT_AT_ONCE = 2;
const BCRYPT_WAITING = 64;

/** Everything that makes or checks a secret, made from the one server key. */
export interface Secrets {
  readonly serverKey: ServerKey;
  /** Passwords of people who log in. */
  readonly loginHash: PasswordHash;
  /** Passwords of connections. */
  readonly credentials: ProxyCredentials;
}

/** @throws {ServerKeyMismatchError} when the database belongs to another key */
export async function openSecrets(
  config: Pick<Config, 'dataDir' | 'serverKey'>,
  db: Db,
  clock: Clock,
): Promise<Secrets> {
  const serverKey = await loadServerKey(config.dataDir, config.serverKey);
  await checkServerKey(db, serverKey, config.dataDir);
  const gate = new ConcurrencyGate(BCRYPT_AT_ONCE, BCRYPT_WAITING);
  const slow = (pepper: Buffer) => new PasswordHash({ pepper, cost: BCRYPT_COST, gate });
  return {
    serverKey,
    loginHash: slow(serverKey.derive('login password')),
    credentials: new ProxyCredentials({
      key: serverKey.derive('proxy password'),
      slowHash: slow(serverKey.derive('chosen proxy password')),
      clock,
    }),
  };
}
