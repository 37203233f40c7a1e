import type { Readable } from 'node:stream';

/** Reads exact numbers of bytes from a socket. Attach it before the first byte can arrive. */
export class ByteReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #discarding = false;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(source: Readable) {
    source.on('data', (chunk: Buffer) => {
      if (this.#discarding) return;
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake?.();
    });
    for (const event of ['end', 'close', 'error']) {
      source.once(event, () => {
        this.#ended = true;
        this.#wake?.();
      });
    }
  }

  /** @throws {Error} when the stream ends before */
  async read(length: number): Promise<Buffer> {
    await this.#until(() => this.#length >= length);
    if (this.#length < length) throw new Error(`The stream ended after ${this.#length} of ${length} bytes`);
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  /** Everything up to and with `mark`, or up to the end. */
  async readTo(mark: string): Promise<string> {
    await this.#until(() => this.#indexOf(mark) >= 0);
    const at = this.#indexOf(mark);
    return (await this.read(at < 0 ? this.#length : at + mark.length)).toString('latin1');
  }

  /** Everything until the stream ends. */
  async rest(): Promise<Buffer> {
    await this.#until(() => false);
    return await this.read(this.#length);
  }

  /** Throws away what is here and what still comes; for streams that have no end. */
  discard(): void {
    this.#discarding = true;
    this.#chunks = [];
    this.#length = 0;
  }

  #indexOf(mark: string): number {
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.indexOf(mark);
  }

  async #until(satisfied: () => boolean): Promise<void> {
    while (!satisfied() && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
