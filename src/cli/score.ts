import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { findTools } from '../media/index.js';
import { type Score, factorFor, score } from '../vmaf/index.js';
import { addConfigOptions, loadConfig, subsampleOf } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { createDisplay } from './display.js';
import { teach } from './help.js';
import { openScored } from './score/source.js';

/** A score as text. */
export function scoreText({ pooled, model, libvmafVersion, frames, subsample, frameScores }: Score): string {
  const { mean, harmonicMean, p5, min } = pooled;
  const scored = subsample === 1 ? `all ${frames} frames` : `${frameScores.length} of ${frames} frames`;
  return [
    `VMAF ${mean.toFixed(2)}`,
    `harmonic mean ${harmonicMean.toFixed(2)}, 5th percentile ${p5.toFixed(2)}, lowest ${min.toFixed(2)}`,
    `${model} (libvmaf ${libvmafVersion}), ${scored}`,
  ].join('\n');
}

function readThreads(text: string): number {
  const threads = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(threads >= 1 && threads <= 256))
    throw new InvalidArgumentError('Allowed is a whole number from 1 to 256.');
  return threads;
}

async function scoreCommand(context: CommandContext, args: readonly string[], flags: Flags): Promise<void> {
  const { out, json, run, signal, cwd, env } = context;
  const [referenceName = '', encodeName = ''] = args;
  const config = await loadConfig(context, flags);
  const tools = await findTools(run, env);
  const scratch = await mkdtemp(join(tmpdir(), 'hullcast-score-'));
  const display = createDisplay(context);
  const tell = (state: 'started' | 'progress' | 'done', done: number, total: number): void =>
    display.event({ type: 'job', stage: 'score', job: 'score', state, done, total });
  let result: Score;
  try {
    const opener = { run, tools, signal };
    const [reference, encode] = [
      await openScored(opener, resolve(cwd, referenceName), referenceName),
      await openScored(opener, resolve(cwd, encodeName), encodeName),
    ];
    const { frames } = reference.source;
    tell('started', 0, frames);
    result = await score({ tools, run, scratch, signal }, reference.source, encode.source, {
      referenceSize: reference.size,
      subsample: factorFor(subsampleOf(config.score), frames),
      neg: config.score.neg,
      threads: flags['threads'] as number,
      onFrames: (done) => tell('progress', Math.min(done, frames), frames),
    });
    tell('done', frames, frames);
  } finally {
    display.close();
    await rm(scratch, { recursive: true, force: true });
  }
  const { pooled: vmaf, ...rest } = result;
  if (json) out.json({ type: 'score', reference: referenceName, encode: encodeName, vmaf, ...rest });
  else out.result(scoreText(result));
}

export const registerScore: Register = (program, host) => {
  const command = program
    .command('score')
    .summary('score an encode against its reference with VMAF')
    .description(
      'Scores an encode against the reference it was made of, frame by frame: the encode is enlarged (bicubic) to the ' +
        "reference's size. Both must have the same frames; a frame more or less, or a shift, is an error and not a bad " +
        'score. The model follows from the size: the 4K model from 2160 lines on.',
    )
    .argument('<reference>', 'the file that the encode was made of')
    .argument('<encode>', 'the file to score')
    .option('--threads <n>', 'threads for decoding and for scoring', readThreads, availableParallelism())
    .action(host.action(scoreCommand));
  addConfigOptions(command, ['score.subsample', 'score.neg']);
  teach(
    command,
    [
      { command: 'hullcast score master.mov encode.mp4', does: 'pooled VMAF' },
      { command: 'hullcast score master.mov encode.mp4 --score every', does: 'every frame' },
      { command: 'hullcast score master.mov encode.mp4 --json', does: 'the score of each frame too' },
    ],
    [0, 1, 2, 3, 130],
  );
};
