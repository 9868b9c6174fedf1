import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { declaredMemory } from '../../bench/memory/declared.js';
import { ingestStage } from '../../src/ingest/index.js';
import { STAGES } from '../../src/title/stages.js';
import MEASURED from './stage-memory.json' with { type: 'json' };

/** What a stage may take without saying so, bytes. */
const LITTLE = 200e6;

describe.each(MEASURED)('$stage of $master', ({ stage, picture, peakBytes }) => {
  const said = declaredMemory(stage, picture);

  if (said === 0) {
    it('takes little, and says nothing', () => {
      expect(peakBytes).toBeLessThan(LITTLE);
    });
  } else {
    it('takes no more than it says', () => {
      expect(said).toBeGreaterThan(1.02 * peakBytes);
    });
    // Ingest does not know what is coming, verify not how deep it is, the others not that frames of ProRes refer to none.
    const knows = stage !== 'ingest' && stage !== 'verify';
    if (picture.height === 2160 && knows) {
      it('takes not much less than it says', () => {
        expect(said).toBeLessThan((picture.pixelFormat === 'yuv422p10le' ? 2.7 : 1.6) * peakBytes);
      });
    }
  }
});

test('every stage that runs processes over pictures was measured over 10 bits in 2160p', () => {
  const deep = MEASURED.filter(({ picture }) => picture.pixelFormat === 'yuv420p10le').map(
    ({ stage }) => stage,
  );
  const saying = STAGES.filter(({ memory, artifact, name }) => memory && (artifact ?? name) !== 'encode');
  expect(saying.map(({ name }) => name)).toEqual([
    ...['ingest', 'inspect', 'chunk', 'tone-map', 'images', 'verify'],
  ]);
  for (const { name } of saying) expect(deep).toContain(name);
});

test('what a stage says rises with the size, the depth and the chroma of the picture', () => {
  const stages = ['inspect', 'chunk', 'tone-map', 'images', 'verify'];
  const side = fc.integer({ min: 16, max: 8192 });
  fc.assert(
    fc.property(fc.constantFrom(...stages), side, side, side, (stage, width, height, more) => {
      const of = (pixelFormat: string, wider = 0): number =>
        declaredMemory(stage, { width: width + wider, height, pixelFormat });
      const formats = ['yuv420p', 'yuv420p10le', 'yuv422p10le', 'yuv444p12le', 'unheard-of'].map((f) =>
        of(f),
      );
      expect(formats).toEqual(formats.toSorted((a, b) => a - b));
      expect(of('yuv420p', more)).toBeGreaterThan(of('yuv420p'));
    }),
  );
});

test('ingest says less where no large master is accepted', () => {
  const limits = { maxDurationSeconds: 1, maxStreams: 1 };
  const said = [640 * 360, 1920 * 1080, 3840 * 2160, 8192 * 4320].map((maxPixels) =>
    ingestStage.memory?.({ name: '', source: { sha256: '', bytes: 0 }, limits: { ...limits, maxPixels } }),
  );
  expect(said[0]).toBeLessThan(said[1]!);
  expect(said[1]).toBeLessThan(said[2]!);
  expect(said[3]).toBe(said[2]);
});
