import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { FlowFailure } from './flow-failure.ts';
import type { FlowTask } from './flow-task.ts';
import type { Line } from './proxied.ts';

const MESSAGES = 10;
const PAUSE_MS = 1_000;
const MAX_FILL = 2_000;

/** A WebSocket over an open flow: messages one by one, each of which must come back as it was. @throws {FlowFailure} */
export async function talkByWebSocket(line: Line, { tag, random }: FlowTask): Promise<void> {
  line.reader.discard();
  const socket = new WebSocket(`ws://origin/socket/${tag}`, { createConnection: () => line.socket });
  // Every failure is followed by `close`.
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'open'), closed]);
  for (let index = 0; index < MESSAGES; index += 1) {
    if (socket.readyState !== WebSocket.OPEN) throw new FlowFailure('cut', 'WebSocket');
    const sent = `${tag} ${index} ${'x'.repeat(random() * MAX_FILL)}`;
    const answer = once(socket, 'message');
    socket.send(sent);
    const [received] = (await Promise.race([answer, closed.then(() => [])])) as [unknown?];
    if (received === undefined) throw new FlowFailure('cut', 'WebSocket');
    if (String(received) !== sent) throw new FlowFailure('mixed', `a message of ${tag} came back as another`);
    await delay(PAUSE_MS);
  }
  socket.close();
  await closed;
}
