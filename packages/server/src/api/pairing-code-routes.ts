import {
  createdPairingCodeSchema,
  createPairingCodeBodySchema,
  idParamsSchema,
  pageQuerySchema,
  pageSchema,
  pairingCodeSchema,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import type { PairingCodes } from '../services/pairing-codes.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';
import { pairingCodeView } from './views.ts';

export interface PairingCodeRoutesOptions {
  readonly pairingCodes: PairingCodes;
  readonly idempotency: Idempotency;
  readonly clock: Clock;
}

const TARGET = { targetType: 'pairing_code' } as const;

export function pairingCodeRoutes(
  app: Api,
  { pairingCodes, idempotency, clock }: PairingCodeRoutesOptions,
): void {
  const tags = ['pairing'];

  app.post(
    '/pairing-codes',
    {
      config: { permission: 'pairing:write', audit: 'pairing_code.create' },
      schema: {
        tags,
        body: z.preprocess((body) => body ?? {}, createPairingCodeBodySchema),
        response: { 201: createdPairingCodeSchema },
      },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const principal = principalOf(request);
        const made = await pairingCodes.create({ ...principal, scope: scopeOf(principal) }, request.body);
        const { organizationId } = principal;
        const { code: _, pairingUrl: __, ...after } = made;
        request.audited.push({ ...TARGET, organizationId, targetId: made.id, before: null, after });
        return made;
      }),
  );

  app.get(
    '/pairing-codes',
    {
      config: { permission: 'pairing:read' },
      schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(pairingCodeSchema) } },
    },
    async (request) => {
      const page = await pairingCodes.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map((row) => pairingCodeView(row, clock.now())) };
    },
  );

  app.get(
    '/pairing-codes/:id',
    {
      config: { permission: 'pairing:read' },
      schema: { tags, params: idParamsSchema, response: { 200: pairingCodeSchema } },
    },
    async (request) => {
      const row = await pairingCodes.get(scopeOf(principalOf(request)), request.params.id);
      return pairingCodeView(row, clock.now());
    },
  );

  app.delete(
    '/pairing-codes/:id',
    {
      config: { permission: 'pairing:write', audit: 'pairing_code.delete' },
      schema: { tags, params: idParamsSchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const row = await pairingCodes.get(scope, request.params.id);
      await pairingCodes.delete(scope, row.id);
      const before = pairingCodeView(row, clock.now());
      request.audited.push({
        ...TARGET,
        organizationId: row.organizationId,
        targetId: row.id,
        before,
        after: null,
      });
      return reply.code(204).send();
    },
  );
}
