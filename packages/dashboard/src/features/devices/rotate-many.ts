import { useCallback } from 'react';
import { api } from '#lib/api/client.ts';
import { plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import type { DeviceRow } from './device-row.ts';

/** How many requests are under way at once; phones rotate side by side anyway. */
const AT_ONCE = 6;

/** Asks for a rotation of each, and tells how many were taken up; the list shows the rest as it happens. */
export function useRotateMany(): (devices: readonly DeviceRow[]) => void {
  return useCallback((devices) => {
    void rotateAll(devices.map(({ id }) => id)).then(({ asked, error }) => {
      const refused = devices.length - asked;
      if (refused > 0) notify.failed(`${plural(refused, 'device')} of ${devices.length} not rotated`, error);
      if (asked > 0) notify.done(`${plural(asked, 'device')} rotating`);
    });
  }, []);
}

async function rotateAll(ids: readonly string[]): Promise<{ asked: number; error: unknown }> {
  const waiting = [...ids];
  const result = { asked: 0, error: undefined as unknown };
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await api.post('/devices/:id/rotate', { id });
        result.asked += 1;
      } catch (error) {
        result.error = error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}
