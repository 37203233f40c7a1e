import type { Role } from '@pocketproxy/protocol/api';

/** What roles are called, and what they may. */
export const ROLES: Readonly<Record<Role, { readonly label: string; readonly hint: string }>> = {
  admin: { label: 'Administrator', hint: 'Everything, people and customers included' },
  operator: { label: 'Operator', hint: 'Phones, connections, links and notifications of everybody' },
  customer: { label: 'Customer', hint: 'Sees the phones and connections of its own organization' },
};

/** For a field that picks one. */
export const ROLE_OPTIONS = Object.entries(ROLES).map(([value, { label }]) => ({ value, label }));
