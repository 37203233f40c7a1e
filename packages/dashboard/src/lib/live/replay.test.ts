import type { LiveEvent } from '@pocketproxy/protocol/api';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { Replay } from './replay.ts';

const EVENT: LiveEvent = { id: 'e-1', type: 'device.deleted', at: '', data: { id: 'x' } };

/** A client that reads something which never comes. */
function reading() {
  const client = new QueryClient();
  const replay = new Replay(() => {});
  replay.follow(client);
  const observer = new QueryObserver(client, {
    queryKey: ['devices'],
    queryFn: ({ signal }) => new Promise<never>((_, reject) => signal.addEventListener('abort', reject)),
  });
  const leave = observer.subscribe(() => {});
  replay.receive(EVENT);
  return { client, replay, leave };
}

test('keeps events while something is read, and no longer when the page that reads it is left', async () => {
  const { replay, leave } = reading();
  expect(replay.kept).toBe(1);
  leave();
  await Promise.resolve();
  replay.receive(EVENT);
  expect(replay.kept).toBe(0);
});

test('keeps no events of a read that was dropped when somebody signed out', async () => {
  const { client, replay } = reading();
  client.clear();
  replay.receive(EVENT);
  expect(replay.kept).toBe(0);
});
