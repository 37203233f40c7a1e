import {
  type BandwidthBucket,
  bandwidthBucketSchema,
  bandwidthQuerySchema,
  idParamsSchema,
  pageSchema,
} from '@pocketproxy/protocol/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Bandwidth } from '../services/bandwidth.ts';
import type { Connections } from '../services/connections.ts';
import type { Devices } from '../services/devices.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

export interface BandwidthRoutesOptions {
  readonly bandwidth: Bandwidth;
  readonly connections: Connections;
  readonly devices: Devices;
}

const series = {
  querystring: bandwidthQuerySchema,
  response: {
    200: {
      description: 'One bucket for each hour, day or month with traffic, the oldest first',
      content: {
        'application/json': { schema: pageSchema(bandwidthBucketSchema) },
        'text/csv': { schema: z.string() },
      },
    },
  },
} as const;
const schema = { params: idParamsSchema, ...series } as const;

/** Counted bytes over time, as JSON or as a table for spreadsheets. */
export function bandwidthRoutes(app: Api, { bandwidth, connections, devices }: BandwidthRoutesOptions): void {
  app.get(
    '/connections/:id/bandwidth',
    {
      config: { permission: 'connections:read' },
      schema: { tags: ['connections'], summary: 'What a connection has carried over time', ...schema },
    },
    async (request, reply) => {
      const { id } = await connections.get(scopeOf(principalOf(request)), request.params.id);
      answer(request, reply, await bandwidth.of({ connectionId: id }, request.query));
      return reply;
    },
  );

  app.get(
    '/devices/:id/bandwidth',
    {
      config: { permission: 'devices:read' },
      schema: { tags: ['devices'], summary: 'What a phone’s connections have carried over time', ...schema },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const { id } = await devices.get(scope, request.params.id);
      answer(request, reply, await bandwidth.of({ deviceId: id, scope }, request.query));
      return reply;
    },
  );

  app.get(
    '/stats/bandwidth',
    {
      config: { permission: 'stats:read' },
      schema: { tags: ['stats'], summary: 'What all connections together have carried over time', ...series },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      answer(request, reply, await bandwidth.of({ scope }, request.query));
      return reply;
    },
  );
}

function answer(request: FastifyRequest, reply: FastifyReply, buckets: readonly BandwidthBucket[]): void {
  reply.header('vary', 'Accept');
  if (!wantsCsv(request)) {
    reply.send({ items: buckets, nextCursor: null });
    return;
  }
  reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="bandwidth.csv"');
  reply.send(csvOf(buckets));
}

/** `?format=` decides; without it, whether `Accept` names CSV and not JSON. */
function wantsCsv({ query, headers }: FastifyRequest): boolean {
  const { format } = query as { format?: 'json' | 'csv' };
  if (format !== undefined) return format === 'csv';
  const accept = headers.accept ?? '';
  return accept.includes('text/csv') && !accept.includes('application/json');
}

/** RFC 4180. Numbers and times hold nothing that would need quotes. */
function csvOf(buckets: readonly BandwidthBucket[]): string {
  const lines = buckets.map(({ start, bytesUp, bytesDown }) => `${start},${bytesUp},${bytesDown}`);
  return `${['start,bytesUp,bytesDown', ...lines].join('\r\n')}\r\n`;
}
