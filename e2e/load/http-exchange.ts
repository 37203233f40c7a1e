import { setTimeout as delay } from 'node:timers/promises';
import type { ByteReader } from '../clients/byte-reader.ts';
import { generatedChunks } from '../origins/generated-bytes.ts';
import { FlowFailure } from './flow-failure.ts';
import { checkStatus, type Line } from './proxied.ts';
import type { Tag } from './tag.ts';

/** A request to a tagged origin. */
export interface Exchange {
  readonly tag: Tag;
  readonly length: number;
  /** Request target up to the path: `''`, or `http://host:port` in absolute form. */
  readonly base: string;
  /** Fields beside Host, each with its line end. */
  readonly fields?: string;
}

const HOST = 'Host: origin\r\n';

/** Gets `length` bytes and compares each with what the tag makes them. @throws {FlowFailure} */
export async function download(line: Line, exchange: Exchange, pauseMs = 0): Promise<void> {
  const { tag, length, base, fields = '' } = exchange;
  const host = base === '' ? HOST : `Host: ${base.slice('http://'.length)}\r\n`;
  line.socket.write(`GET ${base}/down/${tag}/${length} HTTP/1.1\r\n${host}${fields}\r\n`);
  await readHead(line.reader, tag);
  for (const expected of generatedChunks(tag, length)) {
    if (pauseMs > 0) {
      line.socket.pause();
      await delay(pauseMs);
      line.socket.resume();
    }
    const part = await line.reader.read(expected.length);
    if (!part.equals(expected)) throw new FlowFailure('mixed', `the body of ${tag} is another one`);
  }
}

/** Sends `length` bytes that the origin compares. @throws {FlowFailure} */
export async function upload(line: Line, { tag, length }: Exchange): Promise<void> {
  line.socket.write(`POST /up/${tag}/${length} HTTP/1.1\r\n${HOST}Content-Length: ${length}\r\n\r\n`);
  for (const chunk of generatedChunks(tag, length)) {
    if (line.socket.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      line.socket.once('drain', resolve);
      line.socket.once('close', resolve);
    });
    if (line.socket.destroyed) throw new FlowFailure('cut', 'upload');
  }
  await readHead(line.reader, tag);
}

async function readHead(reader: ByteReader, tag: Tag): Promise<void> {
  const head = await reader.readTo('\r\n\r\n');
  if (head.startsWith('HTTP/1.1 409')) throw new FlowFailure('mixed', `the upload of ${tag} arrived changed`);
  checkStatus(head);
  const told = /^x-tag: (.*)\r$/im.exec(head)?.[1];
  if (told !== tag) throw new FlowFailure('mixed', `the answer to ${tag} is that to ${told}`);
}
