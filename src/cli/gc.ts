import { type Garbage, type GcPlan, type GcPolicy, collectGarbage, planGc } from '../pipeline/index.js';
import { bytes, plural } from '../report/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';
import { pruneHistory } from './store/history.js';
import { withStore } from './store/open.js';
import { DAY_MS, daysOption, readBytes, readDays } from './store/units.js';

const DEFAULT_MAX_AGE_MS = 30 * DAY_MS;
const DEFAULT_MIN_AGE_DAYS = 7;

interface Total {
  records: number;
  blobs: number;
  bytes: number;
}

function policyOf(flags: Flags): GcPolicy {
  const maxBytes = flags['maxBytes'] as number | undefined;
  // A limit of size alone is one: then age is no reason.
  const maxAge =
    (flags['maxAge'] as number | undefined) ?? (maxBytes === undefined ? DEFAULT_MAX_AGE_MS : undefined);
  return { maxAgeMs: maxAge, maxBytes, minAgeMs: flags['minAge'] as number };
}

async function gc(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, signal } = context;
  const { home } = await loadConfig(context, flags);
  const policy = policyOf(flags);
  const dryRun = flags['dryRun'] === true;
  await withStore(context, home, policy.minAgeMs, async (store) => {
    const plan = await planGc(store, policy, { signal });
    const total: Total = { records: 0, blobs: 0, bytes: 0 };
    for await (const garbage of collectGarbage(store, plan, { dryRun, signal })) {
      if (garbage.kind === 'record') total.records += 1;
      else total.blobs += 1;
      total.bytes += garbage.bytes;
      if (json) out.json(garbageLine(garbage));
      else if (dryRun) out.result(garbageText(garbage));
    }
    if (json)
      out.json({ type: 'gc', dryRun, removed: total, kept: keptOf(plan, total), titles: plan.titles });
    else out.result(summary(plan, total, dryRun));
  });
  await pruneHistory(context, { home, maxAgeMs: flags['maxHistory'] as number | undefined, dryRun });
}

function keptOf(plan: GcPlan, removed: Total): Total {
  return {
    records: plan.records - removed.records,
    blobs: plan.blobs - removed.blobs,
    bytes: plan.bytes - removed.bytes,
  };
}

function garbageLine({ kind, key, bytes: size, lastUsedMs }: Garbage): object {
  return { type: 'garbage', kind, key, bytes: size, lastUsed: new Date(lastUsedMs).toISOString() };
}

function garbageText({ kind, key, bytes: size, lastUsedMs }: Garbage): string {
  return `${kind.padEnd(6)} ${bytes(size).padStart(8)}  ${new Date(lastUsedMs).toISOString().slice(0, 10)}  ${key}`;
}

function totalText({ records, blobs, bytes: size }: Total): string {
  return `${plural(records, 'record')} and ${plural(blobs, 'blob')}, ${bytes(size)}`;
}

function summary(plan: GcPlan, removed: Total, dryRun: boolean): string {
  return [
    `${dryRun ? 'Would remove' : 'Removed'} ${totalText(removed)}.`,
    `${dryRun ? 'Would keep' : 'Kept'} ${totalText(keptOf(plan, removed))}; ${plural(plan.titles, 'title')} with references.`,
  ].join('\n');
}

export const registerGc: Register = (program, host) => {
  const command = program
    .command('gc')
    .summary('remove probes and chunks that nobody has used for long, and old events')
    .description(
      'Removes artifacts (probes, intermediate chunks, whatever stages left) from the store by age and by size, the ' +
        'longest unused first, but never what a title refers to (titles/<id>/refs.json), nor anything that was used ' +
        'lately. What is removed is computed again if it is needed. The store is that of HULLCAST_STORE, or of the ' +
        'home. Workers may go on meanwhile. From the database (HULLCAST_DB, or that of the home) it removes webhooks that ' +
        'were delivered or given up, and events of titles that ended or were deleted, by age; never what is still to be ' +
        'delivered, nor the last event of a title.',
    )
    .option(
      '--max-age <days>',
      'remove what was not used for so many days (default: 30, without --max-bytes)',
      readDays,
    )
    .option('--max-bytes <size>', 'remove until artifacts have no more bytes than that, e.g. 500G', readBytes)
    .addOption(
      daysOption(
        '--min-age <days>',
        'never remove what was used within so many days: it may be of a title under way',
        DEFAULT_MIN_AGE_DAYS,
      ),
    )
    .option(
      '--max-history <days>',
      'remove webhooks and events that are so many days old (default: 90, and not while `serve` has the database of ' +
        'the home open)',
      readDays,
    )
    .option('--dry-run', 'list what would go, and remove nothing')
    .action(host.action((context, _args, flags) => gc(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast gc --dry-run', does: 'what has not been used for 30 days' },
      { command: 'hullcast gc --max-bytes 2T', does: 'the longest unused, down to 2 TB' },
      { command: 'hullcast gc --max-age 0 --min-age 0', does: 'everything, in a home that is not in use' },
      { command: 'HULLCAST_STORE=s3://bucket/prefix hullcast gc', does: 'in the store of a fleet' },
    ],
    [0, 1, 2, 130],
    { 0: 'done' },
  );
};
