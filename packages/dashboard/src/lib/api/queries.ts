import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

/**
 * Keys and functions of what several screens read, so that they share one copy and the live feed finds it. Queries of
 * one feature alone live in its own folder; what belongs to a device has a key that begins with `['devices', id]`.
 *
 * Long lists have no `structuralSharing`: it would compare thousands of rows, whole, for each event that changes one.
 */
export const queries = {
  overview: () =>
    queryOptions({ queryKey: ['overview'], queryFn: ({ signal }) => api.get('/stats/overview', { signal }) }),
  /** What runs here and why something does not. The live feed does not tell of it: it is read when a page needs it. */
  server: () =>
    queryOptions({
      queryKey: ['server'],
      queryFn: ({ signal }) => api.get('/server', { signal }),
      staleTime: 60_000,
    }),
  devices: () =>
    queryOptions({
      queryKey: ['devices'],
      queryFn: ({ signal }) => api.all('/devices', { signal }),
      structuralSharing: false,
    }),
  /** Connections and today's traffic by device: what the list shows beside the devices themselves. */
  deviceTotals: () =>
    queryOptions({
      queryKey: ['device-totals'],
      queryFn: ({ signal }) => api.get('/stats/devices', { signal }),
    }),
  device: (id: string) =>
    queryOptions({
      queryKey: ['devices', id],
      queryFn: ({ signal }) => api.get('/devices/:id', { id, signal }),
    }),
  deviceRotations: (id: string) =>
    queryOptions({
      queryKey: ['devices', id, 'rotations'],
      queryFn: ({ signal }) => api.get('/devices/:id/rotations', { id, signal }),
    }),
  /** Rotations that are under way, of all devices. */
  activeRotations: () =>
    queryOptions({
      queryKey: ['rotations', 'active'],
      queryFn: ({ signal }) => api.get('/rotations/active', { signal }),
    }),
  deviceIpHistory: (id: string) =>
    queryOptions({
      queryKey: ['devices', id, 'ip-history'],
      queryFn: ({ signal }) => api.get('/devices/:id/ip-history', { id, signal }),
    }),
  deviceCommands: (id: string) =>
    queryOptions({
      queryKey: ['devices', id, 'commands'],
      queryFn: ({ signal }) => api.get('/devices/:id/commands', { id, signal }),
    }),
  deviceUptime: (id: string, range: { from: string; to: string }) =>
    queryOptions({
      queryKey: ['devices', id, 'uptime', range],
      queryFn: ({ signal }) => api.get('/devices/:id/uptime', { id, query: range, signal }),
      placeholderData: keepPreviousData,
    }),
  deviceMetrics: (id: string, range: { from: string; to: string }) =>
    queryOptions({
      queryKey: ['devices', id, 'metrics', range],
      queryFn: ({ signal }) => api.get('/devices/:id/metrics', { id, query: range, signal }),
      placeholderData: keepPreviousData,
    }),
  /** `of` is `devices` or `connections`. */
  bandwidth: (
    of: 'devices' | 'connections',
    id: string,
    query: { granularity: 'hour' | 'day' | 'month'; from?: string; to?: string },
  ) =>
    queryOptions({
      queryKey: [of, id, 'bandwidth', query],
      queryFn: ({ signal }) => api.get(`/${of}/:id/bandwidth`, { id, query, signal }),
      placeholderData: keepPreviousData,
    }),
  connections: () =>
    queryOptions({
      queryKey: ['connections'],
      queryFn: ({ signal }) => api.all('/connections', { signal }),
      structuralSharing: false,
    }),
  connection: (id: string) =>
    queryOptions({
      queryKey: ['connections', id],
      queryFn: ({ signal }) => api.get('/connections/:id', { id, signal }),
    }),
  rotationLinks: () =>
    queryOptions({
      queryKey: ['rotation-links'],
      queryFn: ({ signal }) => api.all('/rotation-links', { signal }),
    }),
  pairingCode: (id: string) =>
    queryOptions({
      queryKey: ['pairing-codes', id],
      queryFn: ({ signal }) => api.get('/pairing-codes/:id', { id, signal }),
    }),
};
