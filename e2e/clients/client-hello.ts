import { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/** What a TLS client says first, whole. */
export async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const wire = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      resolve(chunk);
      done();
    },
  });
  const client = connect({ socket: wire });
  client.on('error', () => {});
  const bytes = await promise;
  client.destroy();
  return bytes;
}
