import type { Command } from 'commander';
import { HullcastError } from '../../errors.js';
import { listKeys, openKeyService } from '../../keys/index.js';
import { addConfigOptions, loadConfig } from '../config.js';
import type { CommandContext, Flags, Host } from '../context.js';
import { teach } from '../help.js';
import { withStore } from '../store/open.js';
import { LIST_HEAD, keyLine } from './lines.js';

async function list(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, env, signal } = context;
  const { home } = await loadConfig(context, flags);
  const title = flags['title'] as string | undefined;
  let count = 0;
  let damaged: HullcastError | undefined;
  await withStore(context, home, Infinity, async (store) => {
    const service = openKeyService(env, { store, home }).name;
    if (service !== 'built in')
      out.note(`Keys come from ${service}, which keeps them; those here are of earlier.`);
    for await (const key of listKeys(store, signal)) {
      if (key instanceof HullcastError) {
        damaged ??= key;
        out.note(`${key.code}: ${key.message}`);
        if (json) out.json({ type: 'keyDamaged', code: key.code, message: key.message });
        continue;
      }
      if (title !== undefined && key.contentId !== title) continue;
      if (json) out.json({ type: 'key', ...key });
      else out.result(count === 0 ? `${LIST_HEAD}\n${keyLine(key)}` : keyLine(key));
      count += 1;
    }
  });
  if (damaged) throw damaged;
  if (json) out.json({ type: 'keys', count });
  else if (count === 0) out.note('There are no keys.');
}

export function registerKeysList(group: Command, host: Host): void {
  const command = group
    .command('list')
    .summary('list the content keys that are kept')
    .description(
      'Lists the content keys that the built in key service keeps in the store: id, what it is for, when it was made, ' +
        'the master key that wraps it, and the title (its content id). Never the key itself: no command shows it.',
    )
    .option('--title <id>', 'only keys of this title')
    .action(host.action((context, _args, flags) => list(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast keys list', does: 'all of them' },
      { command: 'hullcast keys list --title film-17 --json', does: 'a JSON line a key' },
    ],
    [0, 1, 2, 130],
    {
      0: 'listed, also where there are none',
      1: 'a record is damaged (the others were listed), or it failed',
    },
  );
}
