/** Runs inside a namespace: joins a Unix socket to a TCP port. `node gateway-main.ts <socket> <host> <port>` */
import { connect, createServer } from 'node:net';

const [path, host, port] = process.argv.slice(2);
if (path === undefined || host === undefined || port === undefined)
  throw new TypeError('Arguments are missing');

const server = createServer({ allowHalfOpen: true }, (outer) => {
  const inner = connect({ host, port: Number(port), allowHalfOpen: true });
  outer.on('error', () => inner.destroy());
  inner.on('error', () => outer.destroy());
  outer.once('close', () => inner.destroy());
  inner.once('close', () => outer.destroy());
  outer.pipe(inner);
  inner.pipe(outer);
});
server.listen(path, () => process.stdout.write('ready\n'));
