import type { Role } from '@pocketproxy/protocol/api';
import type { Scope } from '../db/scope.ts';

/** What a route may ask for, and what an API key may be limited to. */
export const PERMISSIONS = [
  'session',
  'devices:read',
  'devices:write',
  'pairing:read',
  'pairing:write',
  'commands:read',
  'commands:write',
  'rotations:read',
  'rotations:write',
  'rotation-links:read',
  'rotation-links:write',
  'connections:read',
  'connections:write',
  'notifications:read',
  'notifications:write',
  'stats:read',
  'live:read',
  'api-keys:read',
  'api-keys:write',
  'audit:read',
  'users:read',
  'users:write',
  'metrics:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ADMINISTRATION: readonly Permission[] = ['users:read', 'users:write'];
/** A customer sees what is assigned to it; screens and further rights of customers come later. */
const OF_CUSTOMERS: readonly Permission[] = [
  'session',
  'devices:read',
  'rotations:read',
  'connections:read',
  'stats:read',
  'live:read',
  'api-keys:read',
  'api-keys:write',
];

const ALLOWED: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  admin: new Set(PERMISSIONS),
  operator: new Set(PERMISSIONS.filter((permission) => !ADMINISTRATION.includes(permission))),
  customer: new Set(OF_CUSTOMERS),
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
  return ALLOWED[principal.role].has(permission);
}

/** Staff sees everything, a customer its own organization. */
export function scopeOf(principal: Principal): Scope {
  return { organizationId: principal.role === 'customer' ? principal.organizationId : null };
}
