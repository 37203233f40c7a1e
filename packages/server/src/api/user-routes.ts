import {
  createdUserSchema,
  createUserBodySchema,
  listUsersQuerySchema,
  pageSchema,
  resetPasswordBodySchema,
  resetPasswordSchema,
  type UserDetail,
  updateUserBodySchema,
  userDetailSchema,
  userParamsSchema,
} from '@pocketproxy/protocol/api';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import type { UserRecord, Users } from '../services/users.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';

export interface UserRoutesOptions {
  readonly users: Users;
  readonly idempotency: Idempotency;
}

const tags = ['users'];
const params = userParamsSchema;

/** People who can log in. For administrators alone. */
export function userRoutes(app: Api, { users, idempotency }: UserRoutesOptions): void {
  app.get(
    '/users',
    {
      config: { permission: 'users:read' },
      schema: {
        tags,
        querystring: listUsersQuerySchema,
        response: { 200: pageSchema(userDetailSchema) },
      },
    },
    async (request) => {
      const page = await users.list(request.query);
      return { ...page, items: page.items.map(userView) };
    },
  );

  app.post(
    '/users',
    {
      config: { permission: 'users:write', audit: 'user.create' },
      schema: { tags, body: createUserBodySchema, response: { 201: createdUserSchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const { user, password } = await users.add(request.body);
        request.audited.push({ ...targetOf(user), before: null, after: userView(user) });
        return { ...userView(user), password };
      }),
  );

  app.get(
    '/users/:id',
    {
      config: { permission: 'users:read' },
      schema: { tags, params, response: { 200: userDetailSchema } },
    },
    async (request) => userView(await users.get(request.params.id)),
  );

  app.patch(
    '/users/:id',
    {
      config: { permission: 'users:write', audit: 'user.update' },
      schema: { tags, params, body: updateUserBodySchema, response: { 200: userDetailSchema } },
    },
    async (request) => {
      const before = await users.get(request.params.id);
      const after = await users.update(before.id, request.body);
      request.audited.push({ ...targetOf(after), before: userView(before), after: userView(after) });
      return userView(after);
    },
  );

  app.delete(
    '/users/:id',
    {
      config: { permission: 'users:write', audit: 'user.delete' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const gone = await users.remove(request.params.id);
      request.audited.push({ ...targetOf(gone), before: userView(gone), after: null });
      return reply.code(204).send();
    },
  );

  loginRoutes(app, users);
}

/** For people who have lost what they log in with. */
function loginRoutes(app: Api, users: Users): void {
  app.post(
    '/users/:id/password',
    {
      config: { permission: 'users:write', audit: 'user.password' },
      schema: {
        tags,
        params,
        body: z.preprocess((body) => body ?? {}, resetPasswordBodySchema),
        response: { 200: resetPasswordSchema },
      },
    },
    async (request, reply) => {
      const user = await users.get(request.params.id);
      const login = await users.setPassword(user.id, request.body.password);
      request.audited.push({ ...targetOf(user), before: {}, after: { password: 'changed' } });
      reply.header('cache-control', 'no-store');
      return login;
    },
  );

  app.delete(
    '/users/:id/two-factor',
    {
      config: { permission: 'users:write', audit: 'user.two_factor' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const user = await users.turnTwoFactorOff(request.params.id);
      const { twoFactorEnabled } = user;
      request.audited.push({
        ...targetOf(user),
        before: { twoFactorEnabled },
        after: { twoFactorEnabled: false },
      });
      return reply.code(204).send();
    },
  );
}

/** A user as administrators see it. */
export function userView(user: UserRecord): UserDetail {
  const { id, email, name, role, organizationId, disabled, twoFactorEnabled, createdAt } = user;
  return {
    ...{ id, email, name, role, organizationId, disabled, twoFactorEnabled },
    createdAt: createdAt.toISOString(),
  };
}

function targetOf({ organizationId, id }: UserRecord) {
  return { organizationId, targetType: 'user', targetId: id } as const;
}
