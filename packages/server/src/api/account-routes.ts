import {
  backupCodesSchema,
  changeOwnPasswordBodySchema,
  confirmCodeBodySchema,
  confirmPasswordBodySchema,
  type Me,
  meSchema,
  pageSchema,
  type SessionView,
  sessionParamsSchema,
  sessionSchema,
  tokenGrantSchema,
  twoFactorSetupSchema,
  updateMeBodySchema,
} from '@pocketproxy/protocol/api';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OwnAccount, SessionRecord } from '../services/own-account.ts';
import { isAllowed, PERMISSIONS, type Principal } from '../services/permissions.ts';
import type { UserRecord, Users } from '../services/users.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { callerOf, grantView } from './auth-routes.ts';

export interface AccountRoutesOptions {
  readonly account: OwnAccount;
  readonly users: Users;
}

const tags = ['account'];
/** Of one address: telling whether a password is good costs more than most calls. */
const PASSWORD_RATE = { max: 30, timeWindow: '1 minute' };

/** What everybody does with their own account. API keys cannot: these are for people. */
export function accountRoutes(app: Api, { account, users }: AccountRoutesOptions): void {
  app.get(
    '/auth/me',
    { config: { permission: 'session' }, schema: { tags, response: { 200: meSchema } } },
    async (request) => {
      const principal = principalOf(request);
      return meView(principal, await users.get(principal.userId));
    },
  );

  app.patch(
    '/auth/me',
    {
      config: { permission: 'session', audit: 'user.update' },
      schema: {
        tags,
        summary: 'Change your own name',
        body: updateMeBodySchema,
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const before = await users.get(principal.userId);
      const after = await users.update(principal.userId, { name: request.body.name });
      audit(request, { name: before.name }, { name: after.name });
      return meView(principal, after);
    },
  );

  app.post(
    '/auth/password',
    {
      config: { permission: 'session', audit: 'user.password', rateLimit: PASSWORD_RATE },
      schema: { tags, body: changeOwnPasswordBodySchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { currentPassword, newPassword } = request.body;
      await account.changePassword(principalOf(request), currentPassword, newPassword, callerOf(request));
      audit(request, {}, { password: 'changed' });
      return reply.code(204).send();
    },
  );

  app.get(
    '/auth/sessions',
    {
      config: { permission: 'session' },
      schema: { tags, response: { 200: pageSchema(sessionSchema) } },
    },
    async (request) => {
      const principal = principalOf(request);
      const rows = await account.sessions(principal);
      return { items: rows.map((row) => sessionView(row, principal.sessionId)), nextCursor: null };
    },
  );

  app.delete(
    '/auth/sessions/:id',
    {
      config: { permission: 'session', audit: false },
      schema: { tags, params: sessionParamsSchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await account.endSession(principalOf(request), request.params.id, callerOf(request));
      return reply.code(204).send();
    },
  );

  twoFactorRoutes(app, account);
}

function twoFactorRoutes(app: Api, account: OwnAccount): void {
  app.post(
    '/auth/two-factor/setup',
    {
      config: { permission: 'session', audit: false },
      schema: { tags, body: confirmPasswordBodySchema, response: { 200: twoFactorSetupSchema } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return await account.setUpTwoFactor(principalOf(request), request.body.password, callerOf(request));
    },
  );

  app.post(
    '/auth/two-factor/enable',
    {
      config: { permission: 'session', audit: 'user.two_factor' },
      schema: { tags, body: confirmCodeBodySchema, response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const grant = await account.enableTwoFactor(principalOf(request), request.body.code, caller);
      audit(request, { twoFactorEnabled: false }, { twoFactorEnabled: true });
      return grantView(reply, grant);
    },
  );

  app.post(
    '/auth/two-factor/disable',
    {
      config: { permission: 'session', audit: 'user.two_factor' },
      schema: { tags, body: confirmPasswordBodySchema, response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const grant = await account.disableTwoFactor(principalOf(request), request.body.password, caller);
      audit(request, { twoFactorEnabled: true }, { twoFactorEnabled: false });
      return grantView(reply, grant);
    },
  );

  app.post(
    '/auth/two-factor/backup-codes',
    {
      config: { permission: 'session', audit: 'user.backup_codes' },
      schema: { tags, body: confirmPasswordBodySchema, response: { 200: backupCodesSchema } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { password } = request.body;
      const backupCodes = await account.renewBackupCodes(principalOf(request), password, callerOf(request));
      audit(request, {}, { backupCodes: 'renewed' });
      return { backupCodes };
    },
  );
}

function audit(request: FastifyRequest, before: object, after: object): void {
  const { userId, organizationId } = principalOf(request);
  request.audited.push({ organizationId, targetType: 'user', targetId: userId, before, after });
}

function meView(principal: Principal, user: UserRecord): Me {
  const { id, email, name, role, organizationId, twoFactorEnabled } = user;
  const permissions = PERMISSIONS.filter((permission) => isAllowed(principal, permission));
  return { id, email, name, role, organizationId, twoFactorEnabled, permissions };
}

function sessionView(row: SessionRecord, current: string | null): SessionView {
  return {
    id: row.id,
    current: row.id === current,
    address: row.ipAddress,
    userAgent: row.userAgent,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}
