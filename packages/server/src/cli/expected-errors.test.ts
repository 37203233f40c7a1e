import { expect, test } from 'vitest';
import { ConfigError } from '../config.ts';
import { ServiceError } from '../services/service-error.ts';
import { explain } from './expected-errors.ts';

function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  ['a wrong setting', new ConfigError([{ name: 'A', value: 'b', accepted: 'c' }]), 'A=b'],
  ['a refused use case', new ServiceError('not_found', 'There is no user x'), 'There is no user x'],
  [
    'a database that is away',
    withCode('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
    'DATABASE_URL',
  ],
  ['a wrong database password', withCode('password authentication failed', '28P01'), 'DATABASE_URL'],
  [
    'a database error inside of another',
    new Error('Failed query', { cause: withCode('no database "x"', '3D000') }),
    'no database "x"',
  ],
])('%s is explained without a stack', (_, error, part) => {
  expect(explain(error)).toContain(part);
});

test('a mistake of ours keeps its stack', () => {
  expect(explain(new TypeError('undefined is not a function'))).toBeNull();
});
