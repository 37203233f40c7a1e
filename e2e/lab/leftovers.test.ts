import { expect, test } from 'vitest';
import { deadNamespaces, namespaceName } from './leftovers.ts';

test('leftovers are the namespaces of dead runs alone', () => {
  const names = [
    namespaceName('abc123', 'vps', 111),
    namespaceName('abc123', 'phone', 222),
    'pplab-x-y-z',
    'somebody-elses',
    '',
  ];
  expect(deadNamespaces(names, (pid) => pid === 222)).toEqual(['pplab-111-abc123-vps']);
});
