import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from './api/client.ts';
import { notify } from './notify.ts';

/** Longer than nearly every rotation; its outcome is told when it comes. */
const WAIT_SECONDS = 100;

/** Gets a phone a new address and tells what came of it. Progress is in the live feed meanwhile. */
export function useRotate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: { readonly id: string; readonly name: string }) =>
      api.post('/devices/:id/rotate', { id, query: { waitSeconds: WAIT_SECONDS } }),
    onSuccess: (rotation) => {
      notify.rotation(rotation);
      void client.invalidateQueries({ queryKey: ['devices', rotation.deviceId, 'rotations'] });
    },
    onError: (error, { name }) => notify.failed(`${name} was not rotated`, error),
  });
}
