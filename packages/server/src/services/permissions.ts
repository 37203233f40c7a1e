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
  'organizations:read',
  'organizations:write',
  'metrics:read',
  'server:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ADMINISTRATION: readonly Permission[] = ['users:read', 'users:write', 'organizations:write'];
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

/** What no API key can do, whosoever it is: they are for programs, and a key must not make keys. */
const NEVER_BY_KEY: readonly Permission[] = ['session', 'api-keys:write'];

/** Who makes a request. */
export interface Principal {
  readonly userId: string;
  /** `null` when an API key makes it. */
  readonly sessionId: string | null;
  /** `null` when a person makes it. */
  readonly apiKey: ApiKeyIdentity | null;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly organizationId: string;
}

/** The API key that a request was made with. */
export interface ApiKeyIdentity {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

/** A key may never do more than its user may now, whatever it was given once. */
export function isAllowed({ role, apiKey }: Principal, permission: Permission): boolean {
  if (!ALLOWED[role].has(permission)) return false;
  return apiKey === null || (apiKey.scopes.includes(permission) && !NEVER_BY_KEY.includes(permission));
}

/** What a user may give to an API key. */
export function grantablePermissions({ role }: Pick<Principal, 'role'>): Permission[] {
  return PERMISSIONS.filter(
    (permission) => ALLOWED[role].has(permission) && !NEVER_BY_KEY.includes(permission),
  );
}

/** Staff sees everything, a customer its own organization. */
export function scopeOf(principal: Principal): Scope {
  return { organizationId: principal.role === 'customer' ? principal.organizationId : null };
}

/** Whom something is noted to have been asked by: the API key, or else the user. */
export function requesterId({ apiKey, userId }: Pick<Principal, 'apiKey' | 'userId'>): string {
  return apiKey?.id ?? userId;
}
