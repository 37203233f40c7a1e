const LENGTH_BYTES = 2;

/** Takes DNS messages out of a TCP stream (RFC 1035 section 4.2.2). */
export class DnsMessageStream {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are complete with this chunk. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= this.#rest.length) {
      const end = at + LENGTH_BYTES + this.#rest.readUInt16BE(at);
      if (end > this.#rest.length) break;
      messages.push(this.#rest.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
    return messages;
  }
}

/** The message as it is sent by TCP. */
export function frameDnsMessage(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(LENGTH_BYTES + message.length);
  framed.writeUInt16BE(message.length);
  framed.set(message, LENGTH_BYTES);
  return framed;
}
