import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { probe } from '../../ingest/index.js';
import { findTools } from '../../media/index.js';
import { plural } from '../../report/index.js';
import {
  type DetectRequest,
  type Detection,
  detect,
  keysFor,
  readRecord,
  readWatermarkKey,
} from '../../watermark/index.js';
import type { CommandContext, Flags, Register } from '../context.js';
import { teach } from '../help.js';
import { pictureOf } from '../score/source.js';

/** Frames a second that a copy has at most, for the time limit of reading it. */
const MOST_FPS = 120;
const MOST_SECONDS = 3600;

function readSeconds(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= 1 && seconds <= MOST_SECONDS))
    throw new InvalidArgumentError(`Allowed is a whole number from 1 to ${MOST_SECONDS}.`);
  return seconds;
}

/** A probability for people, e.g. `less than 1 in 1,000,000`. */
function oddsText(doubt: number): string {
  const odds = Math.min(1 / doubt, 1e15);
  return `less than 1 in ${Math.floor(odds).toLocaleString('en-US')}`;
}

function foundText({ found, session, evidence, at }: Detection, name: string): string {
  switch (found) {
    case 'session':
      return `Session ${session}`;
    case 'title':
      return `${name} is the title as it is published, of no session`;
    case 'marked':
      return `${name} is marked, but too little of it can be read to say for whom: give more of it`;
    case 'none':
      if (!at) return `${name} does not show this title`;
      return `Nothing found in ${plural(evidence.length, 'segment')} of ${name}`;
  }
}

/** The finding in words. */
export function detectionText(detection: Detection, name: string): string {
  const { found, doubt, errors, at, evidence } = detection;
  const bits = evidence.map(({ value, deviation }) =>
    Math.abs(value) < 2 * deviation ? '.' : value > 0 ? 'a' : 'b',
  );
  return [
    foundText(detection, name),
    ...(found === 'none' ? [] : [`Wrong by chance: ${oddsText(doubt)}`]),
    ...(at
      ? [
          `Begins ${at.seconds.toFixed(2)} s into the title` +
            (at.speed === 1 ? '' : `, at ${(100 * at.speed).toFixed(1)}% of its speed`),
          `Segments ${(evidence[0]?.segment ?? 0) + 1} and following, "." where unclear: ${bits.join('')}`,
        ]
      : []),
    ...(errors ? [`The other variant is shown by ${plural(errors, 'segment')}`] : []),
  ].join('\n');
}

async function copyOf(
  { run, signal }: CommandContext,
  ffprobe: Parameters<typeof probe>[1],
  path: string,
  { label, seconds }: { label: string; seconds: number },
): Promise<DetectRequest['copy']> {
  const { container, streams } = await probe(run, ffprobe, path, { label, signal });
  const { stream, videoStream } = pictureOf(streams, label);
  const { demuxer } = container;
  return { path, demuxer, videoStream, seconds, height: stream.height!, frames: seconds * MOST_FPS };
}

async function detectCommand(context: CommandContext, copy: string, flags: Flags): Promise<void> {
  const { out, json, run, signal, cwd, env } = context;
  const folder = resolve(cwd, flags['title'] as string);
  const record = await readRecord(folder);
  const keys = keysFor(record, await readWatermarkKey(env));
  const tools = await findTools(run, env);
  const source = await copyOf(context, tools.ffprobe, resolve(cwd, copy), {
    label: copy,
    seconds: flags['seconds'] as number,
  });
  const scratch = await mkdtemp(join(tmpdir(), 'hullcast-watermark-'));
  try {
    const detection = await detect({ tools, run, scratch, signal }, { folder, record, keys, copy: source });
    if (json) out.json({ type: 'watermark', copy, ...detection });
    else out.result(detectionText(detection, copy));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export const registerWatermarkDetect: Register = (program, host) => {
  const command = program
    .command('detect')
    .summary('find the session that a copy is of')
    .description(
      'Compares a copy of a marked title with both variants of it, segment by segment, and says for which session it was ' +
        'sequenced. The copy may begin anywhere in the title, be of another size, rate or codec, and be encoded worse.',
    )
    .argument('<copy>', 'video file to look at')
    .requiredOption('--title <folder>', 'folder of the title, with watermark.json and both variants')
    .option('--seconds <n>', 'most seconds of the copy to look at', readSeconds, 600)
    .action(host.action((context, [copy = ''], flags) => detectCommand(context, copy, flags)));
  teach(
    command,
    [
      { command: 'hullcast watermark detect found.mkv --title title', does: 'whose copy is that?' },
      { command: 'hullcast watermark detect found.mkv --title title --json', does: 'each segment too' },
    ],
    [0, 1, 2, 3],
    { 0: 'looked at, whatever was found' },
  );
};
