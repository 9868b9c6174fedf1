import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { publishFolder } from '../../distribute/index.js';
import { badUsage } from '../../errors.js';
import {
  checkSession,
  codeOf,
  keysFor,
  readRecord,
  readWatermarkKey,
  sessionFiles,
  variantSequence,
} from '../../watermark/index.js';
import type { CommandContext, Flags, Register } from '../context.js';
import { teach } from '../help.js';

function readSession(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Allowed is a whole number from 1 on.');
  return Number(text);
}

/** Throws OUT_NOT_EMPTY: a title there would be replaced by the copy. */
async function checkNew(out: string): Promise<void> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw badUsage('OUT_NOT_FOLDER', `--out ${out} cannot be used: ${error.message}`, 'Name another folder.');
  });
  if (names.length > 0) {
    throw badUsage('OUT_NOT_EMPTY', `--out ${out} holds files`, 'Name an empty or a new folder.');
  }
}

async function sequence(context: CommandContext, title: string, flags: Flags): Promise<void> {
  const { out: output, json, cwd, env } = context;
  const folder = resolve(cwd, title);
  const out = resolve(cwd, flags['out'] as string);
  const record = await readRecord(folder);
  const session = checkSession(flags['session'] as number, record.sessionBits);
  const code = codeOf(record, keysFor(record, await readWatermarkKey(env)));
  await checkNew(out);
  const variants = variantSequence(code, session, record.segmentStarts.length);
  await publishFolder(out, await sessionFiles(folder, record, variants));
  const renditions = record.renditions.map(({ id }) => id);
  if (json) {
    output.json({ type: 'watermark-sequence', session, sequence: variants.join(''), renditions, out });
  } else {
    output.result(variants.join(''));
    output.note(`Session ${session}: ${renditions.length} marked renditions in ${String(flags['out'])}`);
  }
}

export const registerWatermarkSequence: Register = (program, host) => {
  const command = program
    .command('sequence')
    .summary("write a session's copy of a title")
    .description(
      "Writes a session's copy of a marked title: the same manifests and paths, with the variant of every marked segment " +
        'that the session is to see, and prints the sequence. A playback service does the same segment by segment: see ' +
        'docs/watermark.md.',
    )
    .argument('<title>', 'folder of the title')
    .requiredOption('--session <id>', 'number of the playback session, from 1 on', readSession)
    .requiredOption('--out <folder>', 'folder for the copy: new or empty')
    .action(host.action((context, [title = ''], flags) => sequence(context, title, flags)));
  teach(
    command,
    [
      {
        command: 'hullcast watermark sequence title --session 4711 --out copy',
        does: 'what session 4711 sees',
      },
    ],
    [0, 1, 2],
    { 0: 'done' },
  );
};
