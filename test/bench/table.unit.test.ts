import { describe, expect, it } from 'vitest';
import { markdownTable } from '../../bench/table.js';

describe('markdownTable', () => {
  it('aligns columns, numbers to the right', () => {
    const table = markdownTable(
      ['clip', 'BD-rate', 'encodes', 'note'],
      [
        ['bunny', '−31.4%', 24, 'a'],
        ['sintel — trailer', '+2.0%', 1200, undefined],
        ['x', undefined, 7, ''],
      ],
    );
    expect(table).toBe(
      [
        '| clip             | BD-rate | encodes | note |',
        '| ---------------- | ------: | ------: | ---- |',
        '| bunny            |  −31.4% |      24 | a    |',
        '| sintel — trailer |   +2.0% |    1200 | –    |',
        '| x                |       – |       7 |      |',
        '',
      ].join('\n'),
    );
  });

  it('keeps a cell in its cell', () => {
    const table = markdownTable(['a|b'], [['c|d\\'], ['two\n  lines']]);
    expect(table.split('\n')).toEqual([
      '| a\\|b      |',
      '| --------- |',
      '| c\\|d\\\\    |',
      '| two lines |',
      '',
    ]);
  });

  it('renders a table without rows, and refuses a row of another length', () => {
    expect(markdownTable(['a', 'long'], [])).toBe('| a   | long |\n| --- | ---- |\n');
    expect(() => markdownTable(['a'], [['b', 'c']])).toThrow(RangeError);
  });
});
