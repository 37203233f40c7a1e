import swagger from '@fastify/swagger';
import { problemSchema } from '@pocketproxy/protocol/api';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Api } from './api.ts';

/** What a route may answer besides its result, as RFC 9457 has it. */
const PROBLEM = {
  description: 'It was refused; `code` says why (docs/errors.md)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const TAGS = [
  ['auth', 'Logging in and out'],
  ['account', 'The own password, sessions and second factor'],
  ['devices', 'Phones: what they are, how they fare, how they rotate'],
  ['pairing', 'Turning phones into devices'],
  ['connections', 'What customers are given: a port, a password, limits'],
  ['rotations', 'New addresses, asked for and observed'],
  ['rotation links', 'Public addresses that rotate a phone'],
  ['commands', 'What phones are told to do'],
  ['live', 'Events as they happen'],
  ['notifications', 'Who is told of what'],
  ['stats', 'Sums'],
  ['users', 'People who can log in'],
  ['invitations', 'Letting people choose their own password'],
  ['organizations', 'Customers, each of whom sees only what is theirs'],
  ['API keys', 'Tokens of programs'],
  ['audit log', 'Who changed what, and who signed in'],
  ['server', 'What runs here, and how it is reached'],
  ['health', 'Whether this server works'],
] as const;

/** Describes all routes that are declared after it in OpenAPI 3.1, well enough to make a client from. */
export async function describeApi(app: Api, publicUrl: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'PocketProxy',
        version: '1',
        description:
          'Administration of phones and of the connections through them. Log in, or make an API key, and send it as ' +
          '`Authorization: Bearer <token>`. Lists are pages: follow `nextCursor`. Times are ISO 8601 in UTC, sizes are ' +
          'bytes. POST calls that make something take an `Idempotency-Key`; what has an `ETag` can be changed with ' +
          '`If-Match`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token of `POST /auth/login`, or an API key',
          },
        },
        schemas: { Problem: problemSchema.toJSONSchema({ target: 'draft-2020-12' }) as never },
      },
      security: [{ bearer: [] }],
    },
    transform: createJsonSchemaTransform({}),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      const { openapiObject } = document;
      for (const [path, item] of Object.entries(openapiObject.paths ?? {})) {
        for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
          const operation = item?.[method];
          // Two methods of one route share an object.
          if (item && operation) item[method] = completed(operation as Operation, method, path) as never;
        }
      }
      return openapiObject;
    },
  });
}

interface Operation {
  operationId?: string;
  summary?: string;
  responses?: Record<string, unknown>;
}

function completed(operation: Operation, method: string, path: string): Operation {
  const { id, summary } = nameOf(method, path);
  return {
    operationId: id,
    summary,
    ...operation,
    responses: { ...operation.responses, default: PROBLEM },
  };
}

const VERBS: Readonly<Record<string, string>> = { patch: 'change', delete: 'delete' };

/** `GET /devices/{id}/ip-history` is `listDeviceIpHistory`, `POST /devices/{id}/rotate` is `deviceRotate`. */
function nameOf(method: string, path: string): { readonly id: string; readonly summary: string } {
  const parts = path.replace(/^\/(api\/v1\/)?/, '').split('/');
  const words = parts.flatMap((part, at) => {
    if (part.startsWith('{')) return [];
    const one = parts[at + 1]?.startsWith('{') || (method === 'post' && at === parts.length - 1);
    return (one ? part.replace(/(?<=[^s])s$/, '') : part).split(/[-.]/);
  });
  const plural = parts.at(-1)?.endsWith('s') ?? false;
  const verb =
    VERBS[method] ?? (method === 'get' ? (plural ? 'list' : 'get') : parts.length === 1 ? 'create' : null);
  const all = verb === null ? words : [verb, ...words];
  const [first = '', ...rest] = all;
  return {
    id: [first, ...rest.map(capital)].join(''),
    summary: capital(verb === null ? `${first}: ${rest.join(' ')}` : all.join(' ')),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
