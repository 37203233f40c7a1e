import { describe, expect, test } from 'vitest';
import { TurnLine } from './turn-line.ts';

function lineOf(...items: readonly string[]): TurnLine<string> {
  const line = new TurnLine<string>();
  for (const item of items) line.add(item[0]!, item);
  return line;
}

function drained(line: TurnLine<string>): string[] {
  return Array.from({ length: line.size }, () => line.shift()!);
}

describe('a line of groups', () => {
  test('lets groups take turns, and the first of each group go first', () => {
    const line = lineOf('a1', 'a2', 'a3', 'b1', 'c1', 'b2');
    expect(line.size).toBe(6);
    expect(drained(line)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect([line.size, line.shift()]).toEqual([0, undefined]);
  });

  test('serves a newcomer after at most one turn of every other group', () => {
    const line = lineOf('a1', 'a2', 'a3', 'a4');
    line.shift();
    line.add('b', 'b1');
    expect(drained(line)).toEqual(['a2', 'b1', 'a3', 'a4']);
  });

  test('forgets who leaves, once', () => {
    const line = lineOf('a1', 'a2', 'b1');
    line.delete('b', 'b1');
    line.delete('b', 'b1');
    line.delete('a', 'b1');
    expect([line.size, drained(line)]).toEqual([2, ['a1', 'a2']]);
  });

  test('knows its largest group', () => {
    expect(lineOf('a1', 'b1', 'b2', 'c1', 'a2', 'b3').largest()).toEqual(['b1', 'b2', 'b3']);
    expect(lineOf().largest()).toEqual([]);
  });
});
