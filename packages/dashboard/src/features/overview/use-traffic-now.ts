import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { onLiveEvent, useLiveState } from '#lib/live/live.ts';
import { useNow } from '#lib/now.ts';
import { TrafficMeter } from './traffic-meter.ts';

/** Bits per second through all connections, as the live feed tells of them; `null` while it is measured first. */
export function useTrafficNow(): number | null {
  const [meter] = useState(() => new TrafficMeter(Date.now()));
  const may = usePermissions();
  const { data } = useQuery({ ...queries.connections(), enabled: may('connections:read') });
  const live = useLiveState() === 'live';
  useEffect(() => {
    if (live) return () => meter.restart(Date.now());
  }, [meter, live]);
  useEffect(() => {
    if (data) meter.start(data);
  }, [meter, data]);
  useEffect(
    () =>
      onLiveEvent((event) => {
        if (event.type === 'connection.usage') meter.report(event.data, Date.now());
      }),
    [meter],
  );
  return meter.rate(useNow());
}
