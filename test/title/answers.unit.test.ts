import { describe, expect, test } from 'vitest';
import { Answers } from '../../src/title/answers.js';

/** Answers of the question's length, and how often each was computed. */
function kept(most: number): { ask: (question: string) => string; computed: string[] } {
  const computed: string[] = [];
  const answers = new Answers<string>(most, (answer) => answer.length);
  const ask = (question: string): string =>
    answers.of(question, () => {
      computed.push(question);
      return question.toUpperCase();
    });
  return { ask, computed };
}

describe('answers', () => {
  test('are computed once', () => {
    const { ask, computed } = kept(10);
    expect([ask('a'), ask('b'), ask('a'), ask('b')]).toEqual(['A', 'B', 'A', 'B']);
    expect(computed).toEqual(['a', 'b']);
  });

  test('are kept where they are nothing', () => {
    const answers = new Answers<undefined>(10, () => 1);
    let times = 0;
    const nothing = (): undefined => void times++;
    answers.of('a', nothing);
    answers.of('a', nothing);
    expect(times).toBe(1);
  });

  test('go, those first that were asked for longest ago, when all are too large together', () => {
    const { ask, computed } = kept(5);
    for (const question of ['aa', 'bb', 'aa', 'cc']) ask(question);
    ask('aa');
    ask('bb');
    expect(computed).toEqual(['aa', 'bb', 'cc', 'bb']);
  });

  test('that are too large by themselves are not kept, nor make the rest stay away for ever', () => {
    const { ask, computed } = kept(3);
    for (const question of ['long answer', 'long answer', 'a', 'a']) ask(question);
    expect(computed).toEqual(['long answer', 'long answer', 'a']);
  });

  test('of what throws are not kept', () => {
    const answers = new Answers<number>(3, () => 1);
    expect(() =>
      answers.of('a', () => {
        throw new Error('not now');
      }),
    ).toThrow('not now');
    expect(answers.of('a', () => 7)).toBe(7);
  });
});
