import { createServer } from 'node:http';

/** Sends and takes as many bytes as it is asked to, with as little work as possible. Arguments: address, port. */
const CHUNK = Buffer.alloc(256 * 1024, 'pocketproxy ');
const [address = '127.0.0.1', port = '80'] = process.argv.slice(2);

createServer((request, response) => {
  request.on('error', () => {});
  response.on('error', () => {});
  if (request.method === 'PUT') {
    request.on('data', () => {});
    request.on('end', () => response.end('taken\n'));
    return;
  }
  let left = Number(request.url?.slice(1));
  response.setHeader('content-length', left);
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', write);
  write();
}).listen(Number(port), address, () => console.log('ready'));
