import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Ingress } from '../domain/ingress.ts';
import type { ClientRegistry } from './client-registry.ts';
import type { ListenerLimits } from './limits.ts';

/** What every protocol's code is given. */
export interface ListenerContext {
  readonly ingress: Ingress;
  readonly limits: ListenerLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clients: ClientRegistry;
  /** What UDP ASSOCIATE answers as the relay's address; `null`: the address that the client connected to. */
  readonly announcedUdpHost: string | null;
}
