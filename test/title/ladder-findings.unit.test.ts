import { describe, expect, test } from 'vitest';
import type { FoundRung, Measured, SearchInput } from '../../src/encode/index.js';
import { ladderFindings } from '../../src/title/ladder-findings.js';

const resolution = { width: 640, height: 360 };
const input: SearchInput = {
  codec: 'h264',
  shots: [
    { index: 0, frames: 30 },
    { index: 1, frames: 10 },
  ],
  fps: { num: 24, den: 1 },
  resolutions: [resolution],
  referenceHeight: 360,
  crf: { min: 14, max: 46, step: 0.5 },
  speed: 'draft',
  ladder: { topVmaf: 95, bottomVmaf: 40, stepVmaf: 6, stepRatio: 1.5, peakRatio: 2, floorDrop: 15 },
};
const probe = (shot: number, vmaf: number): Measured => ({
  ...{ shot, resolution, crf: 30, bits: 1000, peakBitrate: 1000, vmaf },
});
const rung = (vmaf: number): FoundRung => ({ resolution, chosen: [], bits: 1000, vmaf });
const found = (rungs: FoundRung[], probes: Measured[]): [string, string][] =>
  ladderFindings(input, rungs, probes).map(({ code, message }) => [code, message]);

describe('findings of a ladder', () => {
  test('an ordinary one has none', () => {
    expect(found([rung(94), rung(85), rung(39)], [probe(0, 96), probe(1, 30)])).toEqual([]);
  });

  test('rungs that were asked for have none: one low rung may be just what is wanted', () => {
    const asked = { ...input, rungs: [{ vmaf: 30 }] };
    expect(ladderFindings(asked, [rung(30)], [probe(0, 20), probe(1, 40)])).toEqual([]);
  });

  test('one rung because nothing changes the picture', () => {
    const probes = [probe(0, 97.4), probe(0, 97.5), probe(1, 96), probe(1, 97)];
    expect(found([rung(97.4)], probes)).toEqual([
      [
        'single-rung',
        'there is one h264 rung: at any bit rate that was tried the VMAF lies between 97.0 and 97.4, so another would look the same',
      ],
    ]);
  });

  test('one rung because the next would be too bad; the target is out of reach', () => {
    const probes = [probe(0, 20), probe(0, 44), probe(1, 20), probe(1, 48)];
    expect(found([rung(44)], probes)).toEqual([
      [
        'target-vmaf-missed',
        'the highest h264 rung reaches VMAF 44.0, not 95: the best encodes of all shots together reach 45.0',
      ],
      ['single-rung', 'there is one h264 rung: the next one, 6 lower, would lie below VMAF 40'],
    ]);
  });

  test('one rung because nothing is cheaper', () => {
    expect(found([rung(95)], [probe(0, 60), probe(0, 95), probe(1, 95)])).toEqual([
      [
        'single-rung',
        'there is one h264 rung: nothing that was tried costs 1.5 times less and still reaches VMAF 40',
      ],
    ]);
  });

  test('a rung far below the least VMAF is named', () => {
    const codes = found([rung(30)], [probe(0, 30), probe(1, 30)]);
    expect(codes.map(([code]) => code)).toEqual(['target-vmaf-missed', 'below-min-vmaf', 'single-rung']);
    expect(codes[1]?.[1]).toBe(
      'rung h264 360p reaches only VMAF 30.0, less than the 40 that rungs should have',
    );
  });

  test('rungs that were asked for one by one have none: what they miss is said of each', () => {
    const asked = { ...input, rungs: [{ vmaf: 30 }] };
    expect(ladderFindings(asked, [rung(30)], [probe(0, 30), probe(1, 30)])).toEqual([]);
  });

  test('limits that were asked for are named as a reason', () => {
    const ladder = { ...input.ladder, maxBitrate: 100_000 };
    const capped = { ...input, ladder, referenceHeight: 720 };
    const [finding] = ladderFindings(
      capped,
      [rung(80), rung(60)],
      [probe(0, 96), probe(0, 50), probe(1, 96)],
    );
    expect(finding).toMatchObject({ code: 'target-vmaf-missed', severity: 'warning' });
    expect(finding?.message).toMatch(/reach 96\.0; the bit rate and the size are limited$/);
  });

  test('a shot that its peak keeps far below the rung is named as a reason', () => {
    const top = { ...rung(88), chosen: [probe(0, 96), probe(1, 64)] };
    const [finding] = ladderFindings(input, [top, rung(60)], [probe(0, 97), probe(1, 93), probe(1, 30)]);
    expect(finding?.message).toMatch(/reach 96\.0; a segment's peak is limited$/);
    const roomy = { ...top, chosen: top.chosen.map((chunk) => ({ ...chunk, peakBitrate: 100 })) };
    const [other] = ladderFindings(input, [roomy, rung(60)], [probe(0, 97), probe(1, 93), probe(1, 30)]);
    expect(other?.message).toMatch(/reach 96\.0$/);
  });
});
