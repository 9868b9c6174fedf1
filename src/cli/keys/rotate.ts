import type { Command } from 'commander';
import { HullcastError } from '../../errors.js';
import { AuditTrail, type Rotated, openMasterKeys, rotateMasterKey } from '../../keys/index.js';
import { plural } from '../../report/index.js';
import { addConfigOptions, loadConfig } from '../config.js';
import type { CommandContext, Flags, Host } from '../context.js';
import { teach } from '../help.js';
import { withStore } from '../store/open.js';

async function rotate(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, env, signal } = context;
  const { home } = await loadConfig(context, flags);
  const counts: Record<Rotated['outcome'], number> = { rewrapped: 0, current: 0, failed: 0 };
  await withStore(context, home, Infinity, async (store) => {
    const masters = openMasterKeys(env, { store, home });
    const rotation = rotateMasterKey({ store, masters, trail: new AuditTrail(store), signal });
    for await (const { kid, outcome, error } of rotation) {
      counts[outcome] += 1;
      if (error) out.note(`${error.code}: ${error.message}`);
      if (json) out.json({ type: 'rotated', kid, outcome, code: error?.code ?? null });
    }
  });
  if (json) out.json({ type: 'rotation', ...counts });
  else out.result(`${plural(counts.rewrapped, 'key')} wrapped anew, ${counts.current} were already.`);
  if (counts.failed > 0) {
    throw new HullcastError(
      'KEY_ROTATION',
      `${plural(counts.failed, 'key')} could not be wrapped anew, and ${counts.failed === 1 ? 'is' : 'are'} as before`,
      { hint: 'Do what is said of each above, then run it again. Until then keep every master key.' },
    );
  }
}

export function registerKeysRotate(group: Command, host: Host): void {
  const command = group
    .command('rotate')
    .summary('wrap all content keys by the current master key')
    .description(
      'Wraps every content key that is kept by the current master key: the first one of HULLCAST_MASTER_KEY_FILE, or of ' +
        'the file in the home. Keys themselves stay what they are, so nothing has to be packaged again. What is wrapped ' +
        'by it already is left alone: it may be interrupted, run again, and run while others work. A record is replaced ' +
        'only where it opens, and is read back. Once it says that nothing was left to do, the older master keys may go.',
    )
    .action(host.action((context, _args, flags) => rotate(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast keys rotate', does: 'after `hullcast keys new-master`' },
      { command: 'HULLCAST_STORE=s3://bucket/prefix hullcast keys rotate', does: 'in the store of a fleet' },
    ],
    [0, 1, 2, 130],
    { 0: 'every key is wrapped by the current master key', 1: 'some are not, or it failed' },
  );
}
