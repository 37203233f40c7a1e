import { describe, expect, test } from 'vitest';
import { summarize, worthASecondTry } from './second-try.mjs';

const file = (path: string, passed: number, failures: string[] = []) => ({
  path,
  passed,
  failures,
  skipped: 1,
  skips: [`${path} > not here`],
});

describe('a second try', () => {
  test('is given to the files that failed', () => {
    const files = [file('/a', 2), file('/b', 1, ['b > one']), file('/c', 0, ['c'])];
    expect(worthASecondTry({ files, errors: 0 })).toEqual(['/b', '/c']);
  });

  test('is not given when many failed, or something outside of tests did', () => {
    const many = Array.from({ length: 6 }, (_, index) => file(`/${index}`, 0, [`${index}`]));
    expect(worthASecondTry({ files: many, errors: 0 })).toEqual([]);
    expect(worthASecondTry({ files: [file('/b', 1, ['b > one'])], errors: 1 })).toEqual([]);
  });

  test('counts instead of the first one, and what passed only then is named', () => {
    const first = { files: [file('/a', 2), file('/b', 1, ['b > one', 'b > two'])], errors: 0 };
    const second = { files: [file('/b', 2, ['b > two'])], errors: 0 };
    expect(summarize(first, second)).toEqual({
      ...{ passed: 4, failed: 1, skipped: 2 },
      skips: ['/a > not here', '/b > not here'],
      unsteady: ['b > one'],
    });
  });

  test('does not hide errors outside of tests, nor a file that did not run again', () => {
    const first = { files: [file('/b', 1, ['b > one'])], errors: 0 };
    expect(summarize(first, { files: [], errors: 1 })).toMatchObject({ failed: 2, unsteady: [] });
  });
});
