import { FlowError } from '@pocketproxy/protocol';
import type { Access } from '../domain/ingress.ts';
import type { RelayMetrics } from '../domain/metrics.ts';
import type { VpnAdmission, VpnAdmitted, VpnLogin } from '../domain/vpn.ts';

/** An admission of VPN clients whose outcomes are counted: refusals together with those of flows. */
export class MeteredAdmission implements VpnAdmission {
  readonly #admission: VpnAdmission;
  readonly #metrics: Pick<RelayMetrics, 'vpnSessionOpened' | 'flowRefused'>;

  constructor(admission: VpnAdmission, metrics: Pick<RelayMetrics, 'vpnSessionOpened' | 'flowRefused'>) {
    this.#admission = admission;
    this.#metrics = metrics;
  }

  async admit(login: VpnLogin, end: () => void): Promise<VpnAdmitted> {
    try {
      const admitted = await this.#admission.admit(login, end);
      this.#metrics.vpnSessionOpened();
      return admitted;
    } catch (error) {
      this.#metrics.flowRefused(error instanceof FlowError ? error.code : 'internal_error');
      throw error;
    }
  }

  readmit(login: VpnLogin, access: Access): Promise<boolean> {
    return this.#admission.readmit(login, access);
  }
}
