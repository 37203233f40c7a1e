import { connect, type Socket } from 'node:net';
import { type ManagementMessage, ManagementParser } from './management-parser.ts';

/** What the daemon tells unasked. */
export type ManagementEvent = Exclude<ManagementMessage, { type: 'answer' }>;

export interface ManagementHandlers {
  readonly event: (event: ManagementEvent) => void;
  /** The socket is gone, and so is every client of the daemon for us. Called once. */
  readonly closed: () => void;
}

/** Lines that are part of one command, because the daemon knows no other way to end its arguments. */
const LINE_BREAKS = /[\r\n]/g;

/** One connection to the daemon's management socket, which takes one at a time. */
export class ManagementClient {
  readonly #socket: Socket;
  readonly #parser = new ManagementParser();
  readonly #handlers: ManagementHandlers;
  /** Commands are answered in the order in which they were sent. */
  readonly #waiting: ((success: boolean) => void)[] = [];

  private constructor(socket: Socket, handlers: ManagementHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.once('close', () => this.#closed());
  }

  /** @throws the system's error when nobody listens there */
  static open(path: string, handlers: ManagementHandlers): Promise<ManagementClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.on('error', reject);
      socket.once('connect', () => resolve(new ManagementClient(socket, handlers)));
    });
  }

  /** Sends one command; answers whether the daemon carried it out. `false` too when the daemon is gone. */
  command(name: string, ...args: readonly (string | number)[]): Promise<boolean> {
    return this.#send([[name, ...args.map(argument)].join(' ')]);
  }

  /** Sends a command with a body: lines of client configuration. */
  commandWithLines(name: string, args: readonly number[], lines: readonly string[]): Promise<boolean> {
    return this.#send([
      [name, ...args].join(' '),
      ...lines.map((line) => line.replace(LINE_BREAKS, ' ')),
      'END',
    ]);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(lines: readonly string[]): Promise<boolean> {
    if (this.#socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${lines.join('\n')}\n`);
    });
  }

  #received(chunk: Buffer): void {
    let messages: ManagementMessage[];
    try {
      messages = this.#parser.push(chunk);
    } catch {
      // Whoever talks like this is no daemon; its supervisor starts another one.
      this.#socket.destroy();
      return;
    }
    for (const message of messages) {
      if (message.type === 'answer') this.#waiting.shift()?.(message.success);
      else this.#handlers.event(message);
    }
  }

  #closed(): void {
    for (const answer of this.#waiting.splice(0)) answer(false);
    this.#handlers.closed();
  }
}

/** Numbers as they are, texts in quotes. */
function argument(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return `"${value.replace(LINE_BREAKS, ' ').replace(/[\\"]/g, '\\$&')}"`;
}
