import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import { TUNNEL_PATHS } from '@pocketproxy/protocol';
import { RawPhone } from './raw-phone.ts';

/**
 * A paired phone that is online and refuses every flow by a reset, which leaves the work of opening it to the relay
 * alone ("rapid reset").
 */
export class RefusingPhone {
  readonly deviceId: string;
  readonly #session: ServerHttp2Session;
  /** Flows that it has reset. */
  refused = 0;

  private constructor(deviceId: string, session: ServerHttp2Session) {
    this.deviceId = deviceId;
    this.#session = session;
    session.on('error', () => {});
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      const path = headers[':path'];
      if (path === TUNNEL_PATHS.flowControl || path === TUNNEL_PATHS.telemetry) {
        stream.respond({ ':status': 200 });
        return;
      }
      this.refused += 1;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
  }

  static async start(pairingUrl: string): Promise<RefusingPhone> {
    const phone = await RawPhone.pair(pairingUrl);
    const session = performServerHandshake(await phone.openTunnel());
    return new RefusingPhone(phone.deviceId, session);
  }

  close(): void {
    this.#session.destroy();
  }
}
