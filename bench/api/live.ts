import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { LIVE_PROTOCOL, LIVE_TOKEN_PROTOCOL_PREFIX } from '@pocketproxy/protocol/api';
import { cpuSecondsOfTree } from '../measure/process-usage.ts';

/** What the server and its database spent while relays wrote. */
export interface LiveCost {
  /** CPU seconds per second. */
  readonly cpu: number;
  /** Events per second that the client got. */
  readonly events: number;
}

/** Measures for some time, with one client of the WebSocket or with none. */
export async function measureLive(
  url: string,
  token: string,
  pid: number,
  { seconds, listening }: { readonly seconds: number; readonly listening: boolean },
): Promise<LiveCost> {
  const socket = listening ? await listen(url, token) : null;
  let events = 0;
  socket?.addEventListener('message', () => {
    events += 1;
  });
  const before = cpuSecondsOfTree(pid);
  await delay(seconds * 1000);
  const cpu = (cpuSecondsOfTree(pid) - before) / seconds;
  socket?.close();
  return { cpu, events: events / seconds };
}

async function listen(url: string, token: string): Promise<WebSocket> {
  const protocols = [LIVE_PROTOCOL, `${LIVE_TOKEN_PROTOCOL_PREFIX}${token}`];
  const socket = new WebSocket(`${url.replace('http:', 'ws:')}/api/v1/live`, protocols);
  await once(socket, 'open');
  return socket;
}
