/** What no API key can do: they are for programs, and a key must not make keys. */
const NEVER_BY_KEY = ['session', 'api-keys:write'];

/** What somebody with these permissions may give to a key: reading beside writing, then what can only be read. */
export function grantableScopes(permissions: readonly string[]): string[] {
  const grantable = permissions.filter((permission) => !NEVER_BY_KEY.includes(permission)).toSorted();
  const isPaired = (scope: string): boolean =>
    ['read', 'write'].every((verb) => grantable.includes(scope.replace(/[^:]+$/, verb)));
  return [...grantable.filter(isPaired), ...grantable.filter((scope) => !isPaired(scope))];
}

/** Those that change nothing. */
export function readingScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.endsWith(':read'));
}
