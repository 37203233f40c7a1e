import {
  type OrganizationView,
  organizationBodySchema,
  organizationParamsSchema,
  organizationSchema,
  pageQuerySchema,
  pageSchema,
} from '@pocketproxy/protocol/api';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import type { OrganizationRecord, Organizations } from '../services/organizations.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';

export interface OrganizationRoutesOptions {
  readonly organizations: Organizations;
  readonly idempotency: Idempotency;
}

const tags = ['organizations'];
const params = organizationParamsSchema;
const body = organizationBodySchema;

/** Tenants. For staff; their members are `GET /users?organizationId=`. */
export function organizationRoutes(
  app: Api,
  { organizations, idempotency }: OrganizationRoutesOptions,
): void {
  app.get(
    '/organizations',
    {
      config: { permission: 'organizations:read' },
      schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(organizationSchema) } },
    },
    async (request) => {
      const page = await organizations.list(request.query);
      return { ...page, items: page.items.map(organizationView) };
    },
  );

  app.post(
    '/organizations',
    {
      config: { permission: 'organizations:write', audit: 'organization.create' },
      schema: { tags, body, response: { 201: organizationSchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const made = organizationView(await organizations.create(request.body.name));
        request.audited.push({ ...targetOf(made), before: null, after: made });
        return made;
      }),
  );

  app.get(
    '/organizations/:id',
    {
      config: { permission: 'organizations:read' },
      schema: { tags, params, response: { 200: organizationSchema } },
    },
    async (request) => organizationView(await organizations.get(request.params.id)),
  );

  app.patch(
    '/organizations/:id',
    {
      config: { permission: 'organizations:write', audit: 'organization.update' },
      schema: { tags, params, body, response: { 200: organizationSchema } },
    },
    async (request) => {
      const { name } = await organizations.get(request.params.id);
      const renamed = organizationView(await organizations.rename(request.params.id, request.body.name));
      request.audited.push({ ...targetOf(renamed), before: { name }, after: { name: renamed.name } });
      return renamed;
    },
  );

  app.delete(
    '/organizations/:id',
    {
      config: { permission: 'organizations:write', audit: 'organization.delete' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const gone = organizationView(await organizations.delete(request.params.id));
      request.audited.push({ ...targetOf(gone), before: gone, after: null });
      return reply.code(204).send();
    },
  );
}

function organizationView(row: OrganizationRecord): OrganizationView {
  const { id, name, isDefault, users, devices, connections, createdAt } = row;
  return {
    ...{ id, name, isDefault, users, devices, connections },
    createdAt: createdAt.toISOString(),
  };
}

function targetOf({ id }: OrganizationView) {
  return { organizationId: id, targetType: 'organization', targetId: id } as const;
}
