/** What no API key can do: they are for programs, and a key must not make keys. */
const NEVER_BY_KEY = ['session', 'api-keys:write'];

/** What somebody with these permissions may give to a key, in an order that reads well. */
export function grantableScopes(permissions: readonly string[]): string[] {
  return permissions.filter((permission) => !NEVER_BY_KEY.includes(permission)).toSorted();
}

/** Those that change nothing. */
export function readingScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.endsWith(':read'));
}
