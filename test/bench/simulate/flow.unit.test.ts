import { describe, expect, test } from 'vitest';
import { Costs } from '../../../bench/simulate/costs.js';
import type { FilmShape } from '../../../bench/simulate/film-shape.js';
import { FLOW_NOW, type FlowOptions, type FlowSetting, RANKS } from '../../../bench/simulate/flow-options.js';
import { flowGraph } from '../../../bench/simulate/flow.js';
import { IN_PIECES } from '../../../bench/simulate/film-study.js';
import { type TitleGraph, boundOf, jobCount, workOf } from '../../../bench/simulate/graph.js';
import { readMeasured } from '../../../bench/simulate/measured.js';
import { NO_DELAY, S3 } from '../../../bench/simulate/transfers.js';

const job = (height: number, crf: number): FilmShape['rounds'][number][number] => ({
  ...{ kind: 0, width: (height * 16) / 9, height, crf, frames: 120 },
});
/** Ten minutes of 120 shots: a probe of each, two encodes of each, two repairs. */
const FILM: FilmShape = {
  ...{ frames: 14_400, fps: 24, shots: 120 },
  rounds: [
    Array.from({ length: 120 }, () => job(1080, 29)),
    Array.from({ length: 240 }, (_, i) => job(i < 120 ? 1080 : 540, 25)),
    [job(1080, 20), job(540, 20)],
  ],
  rungs: [
    { width: 1920, height: 1080, bits: 2e9 },
    { width: 960, height: 540, bits: 5e8 },
  ],
};
const costs = new Costs(await readMeasured());
const graphOf = (options: FlowOptions, setting: Partial<FlowSetting> = {}): TitleGraph =>
  flowGraph(FILM, options, { costs, store: NO_DELAY, seed: 1, ...setting });
const stagesOf = ({ groups }: TitleGraph): string[] => groups.map(({ stage }) => stage);
const jobsOf = ({ groups }: TitleGraph): number[] => groups.map(({ seconds }) => seconds.length);

describe('the flow as it is', () => {
  const graph = graphOf(FLOW_NOW);

  test('has the steps of src/title/flow.ts', () => {
    expect(stagesOf(graph)).toEqual([
      ...['ingest', 'inspect', 'audio', 'chunk', 'probe', 'encode', 'encode'],
      ...['assemble', 'package', 'verify', 'publish'],
    ]);
    expect(jobsOf(graph)).toEqual([1, 1, 2, 1, 120, 240, 2, 2, 1, 1, 0]);
    expect(stagesOf(graph).every((stage) => RANKS.has(stage))).toBe(true);
  });

  test('searches when the master is cut and inspected and its sound is there, round by round', () => {
    expect(graph.groups[4]!.after.toSorted()).toEqual([1, 2, 3]);
    expect(graph.groups.slice(5).map(({ after }) => after[0])).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test('plans each round once; where it kept nothing, everything again after each wait', () => {
    const forgetful = graphOf({ ...FLOW_NOW, planOnce: false });
    const [first, second, repairs, , packaged] = forgetful.groups.slice(4).map(({ control }) => control);
    const { rounds, choose, repair } = costs.planning;
    const whole = rounds[0]! + rounds[1]! + rounds[2]! + choose + repair;
    expect(first).toBeCloseTo(120 * rounds[0]! + 120 / 1500, 9);
    expect(second).toBeCloseTo(120 * (rounds[0]! + rounds[1]!) + 240 / 1500, 9);
    expect(repairs).toBeCloseTo(120 * whole + 2 / 1500, 9);
    expect(packaged).toBeCloseTo(120 * whole + 1 / 1500, 9);
    const kept = graph.groups.slice(4);
    expect(kept[1]!.control).toBeCloseTo(120 * rounds[1]! + 240 / 1500, 9);
    expect(kept[4]!.control).toBeCloseTo(1 / 1500, 9);
  });

  test('takes a film’s CPU: some twenty times its length', () => {
    const ratio = workOf(graph) / (FILM.frames / FILM.fps);
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(40);
  });
});

describe('changes of the flow', () => {
  test('in pieces it is the same work, but for what beginning a job takes, and a much shorter path', () => {
    const now = graphOf(FLOW_NOW);
    const pieces = graphOf(IN_PIECES);
    expect(workOf(pieces) - workOf(now)).toBeCloseTo(0.02 * (jobCount(pieces) - jobCount(now)), 6);
    expect(boundOf(pieces, 1).criticalPath).toBeLessThan(boundOf(now, 1).criticalPath / 2);
    // Ten pieces of a minute each, two rungs and the sound: scanned, and cut; verified by piece.
    expect(stagesOf(pieces).slice(0, 5)).toEqual(['ingest', 'inspect', 'audio', 'chunk', 'cut']);
    expect(jobsOf(pieces).slice(0, 5)).toEqual([10, 10, 2, 10, 10]);
    expect(jobsOf(pieces).slice(-4)).toEqual([2, 3, 30, 0]);
  });

  test('the search may begin with the chunks alone; the package waits for everything', () => {
    const beside = graphOf({ ...FLOW_NOW, searchBesideInspect: true });
    expect(beside.groups[4]!.after).toEqual([3]);
    expect(beside.groups[8]!.after.toSorted()).toEqual([1, 2, 3, 7]);
  });

  test('codecs wait for each other, or do not', () => {
    const codecs = [1, 2];
    const together = graphOf(FLOW_NOW, { codecs });
    expect(jobsOf(together).slice(4, 11)).toEqual([120, 120, 240, 240, 2, 2, 4]);
    expect(together.groups[6]!.after).toEqual([4, 5]);
    const apart = graphOf({ ...FLOW_NOW, codecsApart: true }, { codecs });
    expect(apart.groups.slice(4, 10).map(({ after }) => after.length)).toEqual([3, 1, 1, 3, 1, 1]);
    expect(apart.groups[10]!.after).toEqual([6, 9]);
    expect(workOf(apart)).toBeGreaterThan(2 * workOf(graphOf(FLOW_NOW)));
  });

  test('files one at a time cost a package of a store that is far away dearly', () => {
    const packaging = (filesAtOnce: number): number =>
      graphOf({ ...FLOW_NOW, filesAtOnce }, { store: S3 }).groups[8]!.seconds[0]!;
    // 4 renditions of 151 files, each asked for and written.
    const waits = 604 * (0.025 + 0.045) * Math.exp(0.125);
    expect(packaging(1) - packaging(32)).toBeCloseTo(waits * (31 / 32), 6);
  });
});
