import { createConnectionBodySchema, loginBodySchema, userSchema } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sayFieldMessages } from './field-messages.ts';

sayFieldMessages();
const first = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;
const deviceId = '01a20c58-5627-7089-9094-4f18eba553e9';

test.each([
  [loginBodySchema, { email: '', password: 'x' }, 'Required'],
  [userSchema, { id: '1', email: 'a', name: 'b' }, /./],
  [createConnectionBodySchema, { deviceId, maxFlows: 0 }, 'At least 1'],
  [createConnectionBodySchema, { deviceId, speedLimitMbps: 20_000 }, 'At most 10000'],
  [createConnectionBodySchema, { deviceId, maxFlows: 1.5 }, 'Expected a whole number'],
  [createConnectionBodySchema, { deviceId, maxFlows: 'many' }, 'Expected a number'],
  [createConnectionBodySchema, { deviceId, password: 'short' }, 'At least 8 characters'],
  [z.object({ email: z.email() }), { email: 'x' }, 'Expected an e-mail address'],
])('%#: a form says it in its own words', (schema, value, message) => {
  expect(first(schema, value)).toMatch(message);
});

test('what a schema says itself stays', () => {
  expect(first(createConnectionBodySchema, { deviceId, username: 'a b' })).toContain('letters, digits');
});
