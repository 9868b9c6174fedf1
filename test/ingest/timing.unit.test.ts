import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STANDARD_RATES, constantRate, declaredRates, nominalRate } from '../../src/ingest/frame-rate.js';
import { judgeTiming } from '../../src/ingest/timing.js';
import { type Rational, formatRational, rational } from '../../src/media/index.js';

const MILLISECONDS = rational(1, 1000);
const MPEG = rational(1, 90_000);

/** Times of `count` frames of a rate, rounded to a time base as a muxer does. */
function grid(rate: Rational, count: number, timeBase: Rational, start = 0): number[] {
  return Array.from({ length: count }, (_, n) =>
    Math.round(start + (n * rate.den * timeBase.den) / (rate.num * timeBase.num)),
  );
}

const undeclared = {};

describe('judgeTiming', () => {
  it.each([MILLISECONDS, MPEG])('finds every standard rate again through the rounding to %o', (timeBase) => {
    for (const rate of STANDARD_RATES) {
      // 23.976 and 24 part by a millisecond only after 24 frames
      const timing = judgeTiming(
        { pts: grid(rate, 200, timeBase, 7), timeBase, lastDuration: 0 },
        undeclared,
      );
      expect([timing.kind, formatRational(timing.fps), timing.frames]).toEqual([
        'constant',
        formatRational(rate),
        200,
      ]);
    }
  });

  it('believes what is declared where a few frames in milliseconds fit more than one rate', () => {
    for (const rate of [rational(24), rational(24000, 1001)]) {
      const times = { pts: grid(rate, 6, MILLISECONDS), timeBase: MILLISECONDS, lastDuration: 42 };
      const text = formatRational(rate);
      expect(judgeTiming(times, { r_frame_rate: text, avg_frame_rate: text }).fps).toEqual(rate);
    }
  });

  it('keeps a constant rate that is no standard', () => {
    const pts = Array.from({ length: 50 }, (_, n) => n * 70);
    const timing = judgeTiming({ pts, timeBase: MILLISECONDS, lastDuration: 70 }, undeclared);
    expect([timing.kind, formatRational(timing.fps)]).toEqual(['constant', '100/7']);
  });

  it('takes jitter of a capture for what it is', () => {
    const pts = grid(rational(30), 300, MPEG).map((time, n) => time + [0, 400, -500, 250][n % 4]!);
    const timing = judgeTiming({ pts, timeBase: MPEG, lastDuration: 3000 }, undeclared);
    expect([timing.kind, formatRational(timing.fps), timing.frames]).toEqual(['constant', '30/1', 300]);
  });

  it('sorts times first, since decoders may give them in another order', () => {
    const pts = grid(rational(25), 40, MPEG);
    const shuffled = [...pts.slice(20), ...pts.slice(0, 20)];
    expect(judgeTiming({ pts: shuffled, timeBase: MPEG, lastDuration: 3600 }, undeclared).kind).toBe(
      'constant',
    );
  });

  it('tells where frames are missing and where they are doubled', () => {
    const all = grid(rational(24000, 1001), 240, MPEG);
    const pts = [...all.filter((_, n) => n !== 50 && (n < 120 || n > 122)), all[200]! + 1];
    const timing = judgeTiming({ pts, timeBase: MPEG, lastDuration: 3754 }, undeclared);
    expect(timing).toEqual({
      fps: rational(24000, 1001),
      kind: 'gaps',
      gaps: [
        { start: 50, end: 51 },
        { start: 120, end: 123 },
      ],
      doubled: [{ start: 200, end: 201 }],
      frames: 240,
    });
  });

  it('sees a frame that is missing where the time base is one frame', () => {
    const pts = Array.from({ length: 48 }, (_, n) => n).filter((n) => n !== 30);
    const timing = judgeTiming({ pts, timeBase: rational(1, 24), lastDuration: 1 }, { r_frame_rate: '24/1' });
    expect(timing).toMatchObject({
      kind: 'gaps',
      fps: rational(24),
      gaps: [{ start: 30, end: 31 }],
      frames: 48,
    });
  });

  it('calls a change of rate variable, at the higher of the two', () => {
    const pts = [...grid(rational(24), 48, MPEG), ...grid(rational(12), 48, MPEG, 180_000)];
    const timing = judgeTiming({ pts, timeBase: MPEG, lastDuration: 7500 }, undeclared);
    expect([timing.kind, formatRational(timing.fps), timing.frames]).toEqual(['variable', '24/1', 144]);
  });

  it('has a rate for one frame, and for frames without times', () => {
    const one = { pts: [900], timeBase: MPEG, lastDuration: 0 };
    expect(judgeTiming(one, { r_frame_rate: '30/1' })).toMatchObject({
      kind: 'unknown',
      fps: rational(30),
      frames: 1,
    });
    expect(judgeTiming(one, { r_frame_rate: '90000/1' })).toMatchObject({
      kind: 'unknown',
      fps: rational(25),
    });
    const same = { pts: [5, 5, 5], timeBase: MPEG, lastDuration: 0 };
    expect(judgeTiming(same, undeclared)).toMatchObject({ kind: 'unknown', frames: 3 });
  });

  it('never counts fewer places than frames that it does not drop, whatever the times', () => {
    const deltas = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(deltas, (steps) => {
        let now = 0;
        const pts = [0, ...steps.map((step) => (now += step))];
        const timing = judgeTiming({ pts, timeBase: MPEG, lastDuration: 0 }, undeclared);
        const missing = timing.gaps.reduce((sum, { start, end }) => sum + end - start, 0);
        if (timing.kind !== 'unknown')
          expect(timing.frames).toBe(pts.length - timing.doubled.length + missing);
      }),
    );
  });
});

describe('constantRate', () => {
  it('gives none for one frame or for frames of no rate', () => {
    expect(constantRate({ pts: [0], timeBase: MPEG, lastDuration: 0 }, [])).toBeUndefined();
    expect(constantRate({ pts: [0, 100, 7000, 7001], timeBase: MPEG, lastDuration: 0 }, [])).toBeUndefined();
  });
});

describe('nominalRate', () => {
  it('tells 30000/1001 from 30 by the grid', () => {
    for (const rate of [rational(30000, 1001), rational(30)]) {
      const pts = grid(rate, 900, MPEG).filter((_, n) => n % 7 !== 3);
      expect(nominalRate({ pts, timeBase: MPEG, lastDuration: 0 })).toEqual(rate);
    }
  });
});

describe('declaredRates', () => {
  it('leaves out nonsense', () => {
    expect(declaredRates({ r_frame_rate: '90000/1', avg_frame_rate: '0/0' })).toEqual([]);
    expect(declaredRates({ r_frame_rate: '50/1', avg_frame_rate: '25/1' })).toEqual([
      rational(50),
      rational(25),
    ]);
  });
});
