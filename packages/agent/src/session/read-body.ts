import type { ServerHttp2Stream } from 'node:http2';
import { FlowError } from '@pocketproxy/protocol';

/** Reads the whole body of a request. @throws {FlowError} `malformed_request` when it is longer than `limitBytes` */
export async function readBody(stream: ServerHttp2Stream, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A stream that is destroyed can no longer be answered.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > limitBytes) throw new FlowError('malformed_request', 'The request is too long');
  }
  return Buffer.concat(chunks);
}
