import type { Readable } from 'node:stream';

/** Reads exact numbers of bytes from a socket. Attach it before the first byte can arrive. */
export class ByteReader {
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(source: Readable) {
    source.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
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
    await this.#until(() => this.#buffer.length >= length);
    if (this.#buffer.length < length) {
      throw new Error(`The stream ended after ${this.#buffer.length} of ${length} bytes`);
    }
    const bytes = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return bytes;
  }

  /** Everything up to and with `mark`, or up to the end. */
  async readTo(mark: string): Promise<string> {
    await this.#until(() => this.#buffer.includes(mark));
    const at = this.#buffer.indexOf(mark);
    return (await this.read(at < 0 ? this.#buffer.length : at + mark.length)).toString('latin1');
  }

  /** Everything until the stream ends. */
  async rest(): Promise<Buffer> {
    await this.#until(() => false);
    return await this.read(this.#buffer.length);
  }

  /** Bytes that arrived and were not read yet. */
  get waiting(): number {
    return this.#buffer.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async #until(satisfied: () => boolean): Promise<void> {
    while (!satisfied() && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
