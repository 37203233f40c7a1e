import type { Access, ClientOrigin, Ingress, ProxyCredentials } from '../domain/ingress.ts';

/**
 * Authenticates and calls one of both callbacks: at once, unless a slow hash has to run. Neither callback may throw.
 */
export function authenticate(
  ingress: Ingress,
  origin: ClientOrigin,
  credentials: ProxyCredentials | null,
  granted: (access: Access) => void,
  denied: (error: unknown) => void,
): void {
  let access: Access | Promise<Access>;
  try {
    access = ingress.authenticate(origin, credentials);
  } catch (error) {
    denied(error);
    return;
  }
  if (access instanceof Promise) access.then(granted, denied);
  else granted(access);
}
