import {
  acceptInvitationBodySchema,
  createdInvitationSchema,
  createInvitationBodySchema,
  type InvitationView,
  idParamsSchema,
  invitationSchema,
  pageQuerySchema,
  pageSchema,
  userDetailSchema,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import type { InvitationRecord, Invitations } from '../services/invitations.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';
import { userView } from './user-routes.ts';

export interface InvitationRoutesOptions {
  readonly invitations: Invitations;
  readonly idempotency: Idempotency;
  readonly clock: Clock;
}

const tags = ['invitations'];
/** Of one address; a token has 256 bits, so this is about hashing passwords. */
const ACCEPT_RATE = { max: 20, timeWindow: '1 minute' };

/** Links by which people make their own account. */
export function invitationRoutes(
  app: Api,
  { invitations, idempotency, clock }: InvitationRoutesOptions,
): void {
  app.post(
    '/invitations',
    {
      config: { permission: 'users:write', audit: 'invitation.create' },
      schema: { tags, body: createInvitationBodySchema, response: { 201: createdInvitationSchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const principal = principalOf(request);
        const { record, ...told } = await invitations.create(principal, request.body);
        const view = invitationView(record, clock.now());
        const organizationId = record.organizationId ?? principal.organizationId;
        request.audited.push({ ...targetOf(record, organizationId), before: null, after: view });
        return { ...view, ...told };
      }),
  );

  app.get(
    '/invitations',
    {
      config: { permission: 'users:read' },
      schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(invitationSchema) } },
    },
    async (request) => {
      const page = await invitations.list(request.query);
      return { ...page, items: page.items.map((row) => invitationView(row, clock.now())) };
    },
  );

  app.delete(
    '/invitations/:id',
    {
      config: { permission: 'users:write', audit: 'invitation.delete' },
      schema: { tags, params: idParamsSchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const gone = await invitations.revoke(request.params.id);
      const organizationId = gone.organizationId ?? principalOf(request).organizationId;
      const before = invitationView(gone, clock.now());
      request.audited.push({ ...targetOf(gone, organizationId), before, after: null });
      return reply.code(204).send();
    },
  );

  app.post(
    '/invitations/accept',
    {
      config: { permission: 'public', audit: 'user.create', rateLimit: ACCEPT_RATE },
      schema: { tags, body: acceptInvitationBodySchema, response: { 201: userDetailSchema } },
    },
    async (request, reply) => {
      const user = await invitations.accept(request.body);
      const { id, organizationId, email } = user;
      request.actor = { type: 'user', id, name: email };
      const after = userView(user);
      request.audited.push({ organizationId, targetType: 'user', targetId: id, before: null, after });
      reply.code(201).header('cache-control', 'no-store');
      return after;
    },
  );
}

function invitationView(row: InvitationRecord, now: number): InvitationView {
  const { id, email, name, role, organizationId, acceptedAt, expiresAt, createdAt } = row;
  const open = expiresAt.getTime() > now ? 'pending' : 'expired';
  return {
    ...{ id, email, name, role, organizationId },
    status: acceptedAt !== null ? 'accepted' : open,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

function targetOf({ id }: InvitationRecord, organizationId: string) {
  return { organizationId, targetType: 'invitation', targetId: id } as const;
}
