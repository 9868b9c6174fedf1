import { describe, expect, test } from 'vitest';
import { filmShapes } from '../../../bench/simulate/film-shape.js';

describe('the shape of a film', () => {
  const shapes = filmShapes(4, 5, 20);
  const film = shapes(3600);

  test('is as long as it should be, with what the real search asks for of each shot', () => {
    expect(Math.abs(film.frames / (3600 * film.fps) - 1)).toBeLessThan(0.01);
    const encodes = film.rounds.flat().length / film.shots;
    expect(encodes).toBeGreaterThan(5); // some eleven: docs/decisions/0003-search.md
    expect(encodes).toBeLessThan(16);
    expect(film.rounds.length).toBe(5); // seeds, doubts, two rounds of corrections, repairs
    expect(film.rungs.length).toBeGreaterThan(4);
    for (const { kind, height } of film.rounds.flat()) {
      expect(kind >= 0 && kind < 4).toBe(true);
      expect([1080, 720, 540, 432, 360, 234]).toContain(height);
    }
  });

  test('has its jobs in the order in which the flow adds them', () => {
    for (const jobs of film.rounds) {
      const work = jobs.map(({ frames, width, height }) => frames * (width * height + 1e6));
      expect(work).toEqual(work.toSorted((a, b) => b - a));
    }
  });

  test('grows with its length', () => {
    const half = shapes(1800);
    expect(half.shots / film.shots).toBeCloseTo(0.5, 1);
    expect(half.rounds.flat().length / film.rounds.flat().length).toBeCloseTo(0.5, 1);
    expect(half.rungs[0]!.bits / film.rungs[0]!.bits).toBeCloseTo(half.frames / film.frames, 6);
  });
});
