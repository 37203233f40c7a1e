import { FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { Access } from '../domain/ingress.ts';
import type { ConnectionDirectory } from './connection-directory.ts';
import { Grant } from './grant.ts';
import type { LiveConnection } from './live-connection.ts';

/** A client that may have traffic now. */
export interface CheckedAccess {
  readonly connection: LiveConnection;
  readonly grant: Grant;
}

/** @throws {FlowError} why this client may have no traffic, however little it has */
export function checkAccess(directory: ConnectionDirectory, clock: Clock, access: Access): CheckedAccess {
  const connection = directory.byId(access.connectionId);
  if (!connection) throw new FlowError('connection_disabled', 'This connection no longer exists');
  const ended = connection.endedBy(clock.now());
  if (ended) throw new FlowError(ended);
  if (!(access instanceof Grant) || !connection.honours(access)) throw new FlowError('auth_required');
  return { connection, grant: access };
}
