import type { Command } from 'commander';
import { HullcastError } from '../../errors.js';
import { readTrail } from '../../keys/index.js';
import { plural } from '../../report/index.js';
import { addConfigOptions, loadConfig } from '../config.js';
import type { CommandContext, Flags, Host } from '../context.js';
import { teach } from '../help.js';
import { withStore } from '../store/open.js';
import { useLines } from './lines.js';
import { readKid, readSince } from './since.js';

async function audit(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, signal } = context;
  const { home } = await loadConfig(context, flags);
  const filter = {
    kid: flags['kid'] as string | undefined,
    title: flags['title'] as string | undefined,
    sinceMs: flags['since'] as number | undefined,
  };
  let count = 0;
  const damaged: string[] = [];
  await withStore(context, home, Infinity, async (store) => {
    for await (const found of readTrail(store, filter, signal)) {
      if (found.damaged !== undefined) {
        damaged.push(found.damaged);
        out.note(`${found.damaged} holds something that is no entry`);
        continue;
      }
      count += 1;
      if (json) out.json({ type: 'use', ...found.entry });
      else out.result(useLines(found.entry));
    }
  });
  if (damaged.length > 0) throw trailDamaged(damaged);
  if (json) out.json({ type: 'uses', count });
  else if (count === 0) out.note('No such use was noted.');
}

function trailDamaged(damaged: readonly string[]): HullcastError {
  return new HullcastError(
    'KEY_AUDIT_DAMAGED',
    `${plural(damaged.length, 'object')} of the trail cannot be read whole, such as ${damaged[0]}`,
    { hint: 'Nobody writes an object of the trail twice: find out who did, and bring it back from a copy.' },
  );
}

export function registerKeysAudit(group: Command, host: Host): void {
  const command = group
    .command('audit')
    .summary('who used which key when, and what for')
    .description(
      'Prints the trail of uses: every time that keys were handed out for packaging, verification or a licence, or were ' +
        'wrapped by another master key; in the order of time (UTC). An entry is in the store before the keys are given. ' +
        'No key is in it.',
    )
    .option('--kid <id>', 'only uses of this key', readKid)
    .option('--title <id>', 'only uses of keys of this title, or by it', String)
    .option(
      '--since <time>',
      'only uses since then: 7d, 12h or 30m ago, or a date or time in UTC such as 2026-08-09',
      (text: string) => readSince(text),
    )
    .action(host.action((context, _args, flags) => audit(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast keys audit --since 7d', does: 'the last week' },
      { command: 'hullcast keys audit --title film-17 --json', does: 'of a title, as JSON lines' },
      { command: 'hullcast keys audit --kid 0f3a5c7e-9b1d-8f00-8a2b-4c6d8e0f1a3b', does: 'of one key' },
    ],
    [0, 1, 2, 130],
    {
      0: 'printed, also where there is none',
      1: 'the trail is damaged (the rest was printed), or it failed',
    },
  );
}
