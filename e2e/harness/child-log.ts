import { StringDecoder } from 'node:string_decoder';

type Source = 'out' | 'err';
type Listener = (line: string) => void;

/** Lines kept of each process. */
const KEPT = 5000;

const all = new Set<ChildLog>();

/** What a child process printed, line by line. */
export class ChildLog {
  readonly name: string;
  readonly lines: string[] = [];
  readonly #partial: Record<Source, string> = { out: '', err: '' };
  readonly #decoders: Record<Source, StringDecoder> = {
    out: new StringDecoder('utf8'),
    err: new StringDecoder('utf8'),
  };
  readonly #listeners = new Set<Listener>();
  readonly #endings = new Set<(how: string) => void>();
  #ended: string | null = null;

  constructor(name: string) {
    this.name = name;
    all.add(this);
  }

  append(chunk: Buffer, source: Source): void {
    const lines = (this.#partial[source] + this.#decoders[source].write(chunk)).split('\n');
    this.#partial[source] = lines.pop() ?? '';
    for (const line of lines) this.#push(line.replace(/\r$/, ''));
  }

  /** Call once, when the process is gone. */
  end(how: string | number): void {
    for (const source of ['out', 'err'] as const)
      if (this.#partial[source] !== '') this.#push(this.#partial[source]);
    this.#ended = String(how);
    for (const ending of this.#endings) ending(this.#ended);
  }

  /**
   * The first line, printed already or yet to come, that matches.
   * @throws {Error} with the last lines, when the process ends first or `withinMs` pass
   */
  async waitFor(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    for (const line of this.lines) {
      const match = pattern.exec(line);
      if (match) return match;
    }
    return await this.waitForNext(pattern, withinMs);
  }

  /** Like `waitFor`, but looks only at lines that are printed from now on. */
  async waitForNext(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clear();
        reject(
          new Error(`${this.name} ${why} without printing ${pattern}. Its last lines:\n${this.tail(20)}`),
        );
      };
      const ended = (how: string): void => fail(`ended with ${how}`);
      const timer = setTimeout(() => fail(`ran ${withinMs} ms`), withinMs);
      const listener = (line: string): void => {
        const match = pattern.exec(line);
        if (!match) return;
        clear();
        resolve(match);
      };
      const clear = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        this.#endings.delete(ended);
      };
      this.#listeners.add(listener);
      this.#endings.add(ended);
      if (this.#ended !== null) ended(this.#ended);
    });
  }

  tail(count: number): string {
    return this.lines
      .slice(-count)
      .map((line) => `[${this.name}] ${line}`)
      .join('\n');
  }

  #push(line: string): void {
    this.lines.push(line);
    if (this.lines.length > KEPT) this.lines.shift();
    for (const listener of [...this.#listeners]) listener(line);
  }
}

/** The last lines of every child of this process, for the report of a failed test. */
export function tailOfAllChildren(count = 60): string {
  return [...all].map((log) => log.tail(count)).join('\n');
}
