import { HullcastError } from '../errors.js';
import { type FsckFinding, type FsckOptions, checkStore } from '../pipeline/index.js';
import { plural } from '../report/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';
import { withStore } from './store/open.js';
import { daysOption } from './store/units.js';

const DEFAULT_MIN_AGE_DAYS = 7;

interface Counts {
  damaged: number;
  repaired: number;
  /** Of what is damaged. */
  left: number;
  /** What only takes room, and is still there. */
  superfluous: number;
  /** Titles whose published files cannot be checked. */
  unchecked: number;
}

function count(counts: Counts, { problem, damage, repaired }: FsckFinding): void {
  if (repaired) counts.repaired += 1;
  if (damage) counts.damaged += 1;
  if (damage && !repaired) counts.left += 1;
  if (problem === 'files-unlisted') counts.unchecked += 1;
  else if (!damage && !repaired) counts.superfluous += 1;
}

async function fsck(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, signal } = context;
  const { home } = await loadConfig(context, flags);
  const minAgeMs = flags['minAge'] as number;
  const options: FsckOptions = {
    ...{ deep: flags['deep'] === true, repair: flags['repair'] === true },
    ...{ minAgeMs, signal },
  };
  const counts: Counts = { damaged: 0, repaired: 0, left: 0, superfluous: 0, unchecked: 0 };
  await withStore(context, home, options.repair ? minAgeMs : Infinity, async (store) => {
    for await (const finding of checkStore(store, options)) {
      count(counts, finding);
      if (json) out.json({ type: 'finding', ...finding });
      else out.result(findingText(finding));
    }
  });
  const ok = counts.left === 0;
  if (json) out.json({ type: 'fsck', ok, deep: options.deep, ...counts });
  else if (ok) out.result(summary(counts));
  if (!ok) throw damageLeft(counts);
}

function findingText({ problem, key, message, repair, repaired }: FsckFinding): string {
  const done = problem.startsWith('file-') ? 'copied from its blob' : 'removed';
  return `${problem}: ${key} ${message}\n  ${repaired ? `repaired: it was ${done}` : `to repair: ${repair}`}`;
}

function summary({ damaged, repaired, superfluous, unchecked }: Counts): string {
  const room = superfluous > 0 ? ` ${plural(superfluous, 'object')} only take up room.` : '';
  const files = unchecked > 0 ? ` The files of ${plural(unchecked, 'title')} cannot be checked.` : '';
  const rest = room + files;
  if (damaged + repaired === 0) return `Everything that is referred to is there.${rest}`;
  return `${plural(repaired, 'finding')} repaired.${rest}`;
}

function damageLeft({ left }: Counts): HullcastError {
  return new HullcastError('FSCK_DAMAGE', `the store is damaged: ${plural(left, 'finding')} not repaired`, {
    hint: 'Run it with --repair; what is listed with another way to repair it needs that.',
  });
}

export const registerFsck: Register = (program, host) => {
  const command = program
    .command('fsck')
    .summary('check that all artifacts and published files are there and whole')
    .description(
      'Compares what records and titles refer to, and the files that were published, with what is in the store, and ' +
        'lists what is missing, corrupt or of no use to anybody, with how to repair it. With --repair it removes records ' +
        'that cannot be used, corrupt blobs and old orphans; what is needed is computed again then. Published files are ' +
        'copied from their blobs. The store is that of HULLCAST_STORE, or of the home. Workers may go on meanwhile.',
    )
    .option(
      '--deep',
      'read every blob and published file and compare its digest; without, sizes are compared',
    )
    .option('--repair', 'remove what is damaged, and orphans; copy published files from their blobs')
    .addOption(
      daysOption(
        '--min-age <days>',
        'leave orphans that were written within so many days: they may be of work under way',
        DEFAULT_MIN_AGE_DAYS,
      ),
    )
    .action(host.action((context, _args, flags) => fsck(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast fsck', does: 'a look, which changes nothing' },
      { command: 'hullcast fsck --deep --repair', does: 'every byte, and repairs' },
      { command: 'HULLCAST_STORE=s3://bucket/prefix hullcast fsck', does: 'in the store of a fleet' },
    ],
    [0, 1, 2, 130],
    { 0: 'nothing is damaged, or all of it was repaired', 1: 'damage that was not repaired, or it failed' },
  );
};
