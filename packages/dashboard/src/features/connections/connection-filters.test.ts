import type { ConnectionView } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { keeper } from './connection-filters.tsx';

const row = (deviceId: string, status: string) => ({ deviceId, status }) as ConnectionView;
const ROWS = [row('a', 'active'), row('a', 'disabled'), row('b', 'expired')];
const kept = (status?: string, device?: string) =>
  ROWS.filter(keeper({ status, device }) ?? (() => true)).map((each) => `${each.deviceId} ${each.status}`);

test('connections are kept that have one of the statuses and are of one of the phones', () => {
  expect(kept('disabled,expired')).toEqual(['a disabled', 'b expired']);
  expect(kept('disabled,expired', 'a')).toEqual(['a disabled']);
  expect(kept(undefined, 'b')).toEqual(['b expired']);
});

test('without filters nothing is left out, and the table need not say so', () => {
  expect(kept()).toHaveLength(3);
  expect(keeper({})).toBeUndefined();
});
