import type { Role } from '@pocketproxy/protocol/api';
import type { Scope } from '../db/scope.ts';

/** What a route may ask for. */
export type Permission =
  | 'session'
  | 'devices:read'
  | 'devices:write'
  | 'pairing:read'
  | 'pairing:write'
  | 'connections:read'
  | 'connections:write'
  | 'stats:read';

const STAFF: readonly Permission[] = [
  'session',
  'devices:read',
  'devices:write',
  'pairing:read',
  'pairing:write',
  'connections:read',
  'connections:write',
  'stats:read',
];

const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  admin: new Set(STAFF),
  operator: new Set(STAFF),
  customer: new Set<Permission>(['session', 'devices:read', 'connections:read', 'stats:read']),
};

/** Who makes a request. */
export interface Principal {
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly organizationId: string;
}

export function isAllowed(principal: Principal, permission: Permission): boolean {
  return PERMISSIONS[principal.role].has(permission);
}

/** Staff sees everything, a customer its own organization. */
export function scopeOf(principal: Principal): Scope {
  return { organizationId: principal.role === 'customer' ? principal.organizationId : null };
}
