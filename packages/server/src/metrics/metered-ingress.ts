import { FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import type {
  Access,
  ClientOrigin,
  Destination,
  Flow,
  Ingress,
  ProxyCredentials,
  UdpAssociation,
} from '../domain/ingress.ts';
import type { RelayMetrics } from '../domain/metrics.ts';

/** An ingress whose outcomes are counted. */
export class MeteredIngress implements Ingress {
  readonly #ingress: Ingress;
  readonly #metrics: RelayMetrics;

  constructor(ingress: Ingress, metrics: RelayMetrics) {
    this.#ingress = ingress;
    this.#metrics = metrics;
  }

  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access> {
    try {
      const access = this.#ingress.authenticate(origin, credentials);
      return access instanceof Promise ? access.catch((error: unknown) => this.#refused(error)) : access;
    } catch (error) {
      return this.#refused(error);
    }
  }

  allowsWithoutPassword(origin: ClientOrigin): boolean {
    return this.#ingress.allowsWithoutPassword(origin);
  }

  async openFlow(access: Access, destination: Destination, signal?: AbortSignal): Promise<Flow> {
    try {
      const flow = await this.#ingress.openFlow(access, destination, signal);
      this.#metrics.flowOpened('tcp');
      return flow;
    } catch (error) {
      return this.#refused(error);
    }
  }

  async openUdpAssociation(
    access: Access,
    onDatagram: (datagram: UdpDatagram) => void,
    signal?: AbortSignal,
  ): Promise<UdpAssociation> {
    try {
      const association = await this.#ingress.openUdpAssociation(access, onDatagram, signal);
      this.#metrics.flowOpened('udp');
      return association;
    } catch (error) {
      return this.#refused(error);
    }
  }

  #refused(error: unknown): never {
    this.#metrics.flowRefused(error instanceof FlowError ? error.code : 'internal_error');
    throw error;
  }
}
