import type { LiveEvent } from '@pocketproxy/protocol/api';
import { notifyManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { queryClient } from '../api/query-client.ts';
import { session } from '../api/session.ts';
import { applyEvent } from './apply-event.ts';
import { Gather } from './gather.ts';
import { LiveConnection, type LiveSocket, type LiveState } from './live-connection.ts';
import { Replay } from './replay.ts';
import { Throttle } from './throttle.ts';

/** How often sums and charts follow what is counted. */
const SUMS_EVERY_MS = 5_000;

const throttle = new Throttle(SUMS_EVERY_MS);
const listeners = new Set<(event: LiveEvent) => void>();
const replay = new Replay((event) => applyEvent({ client: queryClient, throttle }, event));

/** Too short to be noticed. */
const GATHER_MS = 80;
const gather = new Gather<LiveEvent>(GATHER_MS, (events) => {
  notifyManager.batch(() => {
    for (const event of events) replay.receive(event);
  });
});

const connection = new LiveConnection({
  token: () => session.token(),
  renew: () => session.renew(),
  open: openSocket,
  onEvent: (event) => {
    gather.add(event);
    for (const listener of listeners) listener(event);
  },
  onGap: () => void queryClient.invalidateQueries(),
  random: Math.random,
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
});

function openSocket(path: string, protocols: string[]): LiveSocket {
  // Browsers of before 2024 want the whole address.
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`, protocols);
  const opened: LiveSocket = {
    onmessage: null,
    onclose: null,
    send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
    close: () => socket.close(),
  };
  socket.onmessage = ({ data }: MessageEvent<unknown>) => opened.onmessage?.({ data });
  socket.onclose = ({ code }) => opened.onclose?.({ code });
  return opened;
}

/** Keeps what was read up to date for as long as somebody is signed in. Call once; answers a function that ends it. */
export function startLive(): () => void {
  const stopFollowing = replay.follow(queryClient);
  const follow = (): void => {
    if (session.state.status === 'signed-in') connection.start();
    else connection.stop();
  };
  const retry = (): void => connection.retryNow();
  const stopSession = session.subscribe(follow);
  window.addEventListener('online', retry);
  follow();
  return () => {
    stopFollowing();
    stopSession();
    window.removeEventListener('online', retry);
    connection.stop();
  };
}

/** Calls `listener` with each event as it comes, once. Answers a function that stops it. */
export function onLiveEvent(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether this page hears of what happens. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(connection.subscribe, () => connection.state);
}
