import { FlowError } from '@pocketproxy/protocol';
import type { Access, ClientOrigin, Ingress, ProxyCredentials } from '../domain/ingress.ts';

/** What clients meet for whom there is no room: they are told so as soon as they have said who they are. */
export class OverloadedIngress implements Ingress {
  readonly #ingress: Pick<Ingress, 'authenticate' | 'allowsWithoutPassword'>;
  readonly #onRefused: () => void;

  constructor(ingress: Pick<Ingress, 'authenticate' | 'allowsWithoutPassword'>, onRefused: () => void) {
    this.#ingress = ingress;
    this.#onRefused = onRefused;
  }

  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access> {
    return this.#ingress.authenticate(origin, credentials);
  }

  allowsWithoutPassword(origin: ClientOrigin): boolean {
    return this.#ingress.allowsWithoutPassword(origin);
  }

  openFlow(): Promise<never> {
    return this.#refuse();
  }

  openUdpAssociation(): Promise<never> {
    return this.#refuse();
  }

  #refuse(): Promise<never> {
    this.#onRefused();
    return Promise.reject(new FlowError('overloaded'));
  }
}
