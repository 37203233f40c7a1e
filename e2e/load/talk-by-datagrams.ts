import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeAddress } from '../clients/socks-client.ts';
import { FlowFailure } from './flow-failure.ts';
import type { FlowTask } from './flow-kinds.ts';
import { associate } from './proxied.ts';

const DATAGRAMS = 10;
const PAUSE_MS = 300;
const ANSWER_MS = 2_000;
/** RSV, FRAG, ATYP and an IPv4 address with port. */
const HEAD_BYTES = 10;
const MAX_FILL = 1_000;

/** A UDP association: each datagram must come back as it was, and most of them must. @throws {FlowFailure} */
export async function talkByDatagrams({ login, origin, tag, random, lifeline }: FlowTask): Promise<void> {
  const { line, relayPort } = await associate(login, lifeline);
  line.reader.discard();
  const udp = createSocket('udp4');
  lifeline.hold(() => udp.close());
  udp.on('error', () => {});
  const to = Buffer.concat([Buffer.alloc(3), encodeAddress({ host: '127.0.0.1', port: origin.udp })]);
  let answered = 0;
  for (let index = 0; index < DATAGRAMS; index += 1) {
    const sent = Buffer.from(`${tag} ${index} ${'x'.repeat(random() * MAX_FILL)}`);
    const answer = once(udp, 'message');
    udp.send(Buffer.concat([to, sent]), relayPort, '127.0.0.1');
    const message = await Promise.race([answer, delay(ANSWER_MS, null, { ref: false })]);
    if (line.socket.destroyed) throw new FlowFailure('cut', 'UDP association');
    // One that was lost is no failure, but a late answer to it would look like one.
    if (message === null)
      throw new FlowFailure('cut', `datagram ${index} of ${answered} answered ones was lost`);
    if (!(message[0] as Buffer).subarray(HEAD_BYTES).equals(sent))
      throw new FlowFailure('mixed', `a datagram of ${tag} came back as another`);
    answered += 1;
    await delay(PAUSE_MS);
  }
  const closed = once(line.socket, 'close');
  line.socket.end();
  await closed;
}
