/**
 * The origin, as a process: `node origin-main.ts <address>`; prints `listening <port>`. It speaks just enough HTTP over raw sockets
 * for the load generator, so that the proxies under test get the machine's time and not the origin.
 *
 * `GET /keep` a small answer, and more requests on the same connection; `GET /once` a small answer and the end;
 * `GET /down/<bytes>` that many bytes; `POST /up` counts what comes until the end.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const SMALL_BODY = 'x'.repeat(100);
const SMALL = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${SMALL_BODY.length}\r\n\r\n${SMALL_BODY}`);
const BLOCK = Buffer.alloc(256 * 1024, 'pocketproxy');

function serve(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  let uploaded = -1;
  // Requests come one at a time and are smaller than a segment: one chunk is one request.
  socket.on('data', (chunk: Buffer) => {
    if (uploaded !== -1) uploaded += chunk.length;
    else if (chunk.includes('GET /keep ')) socket.write(SMALL);
    else if (chunk.includes('GET /once ')) socket.end(SMALL);
    else if (chunk.includes('GET /down/')) pour(socket, readCount(chunk));
    else if (chunk.includes('POST /up ')) uploaded = chunk.length - endOfHead(chunk);
    else socket.destroy();
  });
  socket.on('end', () => {
    if (uploaded === -1) socket.end();
    else socket.end(`HTTP/1.1 200 OK\r\n\r\n${uploaded}`);
  });
}

/** Writes `left` bytes as fast as they are taken, then ends. */
function pour(socket: Socket, left: number): void {
  let ready = true;
  while (left > 0 && ready) {
    ready = socket.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK);
    left -= Math.min(left, BLOCK.length);
  }
  if (left === 0) socket.end();
  else socket.once('drain', () => pour(socket, left));
}

function readCount(head: Buffer): number {
  return Number(/^GET \/down\/(\d+) /.exec(head.toString('latin1'))?.[1] ?? 0);
}

function endOfHead(head: Buffer): number {
  return head.indexOf('\r\n\r\n') + 4;
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
server.listen({ port: 0, host: process.argv[2] ?? '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
// The end of the input is the end of the bench, however that came about.
process.stdin.on('end', () => process.exit()).resume();
