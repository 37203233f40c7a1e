import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeAddress } from '../clients/socks-client.ts';
import { FlowFailure } from './flow-failure.ts';
import type { FlowTask } from './flow-task.ts';
import { associate, type Line } from './proxied.ts';

const DATAGRAMS = 10;
const PAUSE_MS = 300;
/** What is lost or late is asked again, as programs do that use UDP. */
const ASK_AGAIN_MS = 2_000;
const ATTEMPTS = 8;
/** RSV, FRAG, ATYP and an IPv4 address with port. */
const HEAD_BYTES = 10;
const MAX_FILL = 1_000;

/** A UDP association: each datagram must come back as it was. @throws {FlowFailure} */
export async function talkByDatagrams(task: FlowTask): Promise<void> {
  const { login, origin, tag, random, lifeline } = task;
  const { line, relayPort } = await associate(login, lifeline);
  line.reader.discard();
  const udp = createSocket('udp4');
  udp.on('error', () => {});
  lifeline.hold(() => udp.close());
  const conversation = new Conversation(udp, line, origin.udp, relayPort);
  for (let index = 0; index < DATAGRAMS; index += 1) {
    await conversation.ask(`${tag} ${index} ${'x'.repeat(random() * MAX_FILL)}`);
    await delay(PAUSE_MS);
  }
  task.uncertain(conversation.repeatedBytes);
  const closed = once(line.socket, 'close');
  line.socket.end();
  await closed;
}

class Conversation {
  /** Of datagrams that were asked again: one of the two may have been lost, before it was counted or after. */
  repeatedBytes = 0;
  readonly #udp: Socket;
  readonly #line: Line;
  readonly #head: Buffer;
  readonly #relayPort: number;
  readonly #asked = new Set<string>();
  readonly #answers = new Set<string>();
  #wake: () => void = () => {};

  constructor(udp: Socket, line: Line, originPort: number, relayPort: number) {
    this.#udp = udp;
    this.#line = line;
    this.#relayPort = relayPort;
    const destination = encodeAddress({ host: '127.0.0.1', port: originPort });
    this.#head = Buffer.concat([Buffer.alloc(3), destination]);
    udp.on('message', (message) => {
      this.#answers.add(message.subarray(HEAD_BYTES).toString());
      this.#wake();
    });
    line.socket.once('close', () => this.#wake());
  }

  /** @throws {FlowFailure} */
  async ask(text: string): Promise<void> {
    this.#asked.add(text);
    const datagram = Buffer.concat([this.#head, Buffer.from(text)]);
    for (let attempt = 1; !this.#answers.has(text); attempt += 1) {
      if (attempt > ATTEMPTS) throw new FlowFailure('hung', `no answer to ${ATTEMPTS} datagrams`);
      if (attempt > 1) this.repeatedBytes += text.length;
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#udp.send(datagram, this.#relayPort, '127.0.0.1');
      await Promise.race([news, delay(ASK_AGAIN_MS, undefined, { ref: false })]);
      if (this.#line.socket.destroyed) throw new FlowFailure('cut', 'UDP association');
      for (const answer of this.#answers) {
        if (!this.#asked.has(answer)) throw new FlowFailure('mixed', 'a datagram that nobody sent');
      }
    }
  }
}
