import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addMasterKey, masterKeyFile } from '../../keys/index.js';
import { addConfigOptions, loadConfig } from '../config.js';
import type { CommandContext, Flags, Host } from '../context.js';
import { teach } from '../help.js';

async function newMaster(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json, env, cwd } = context;
  const { home } = await loadConfig(context, flags);
  const given = flags['file'] as string | undefined;
  const file = given === undefined ? masterKeyFile(env, home) : resolve(cwd, given);
  const last = flags['last'] === true;
  const id = await addMasterKey(file, { last });
  if (json) return out.json({ type: 'masterKey', id, file, last });
  out.result(`Master key ${id} is in ${file}, as the ${last ? 'last' : 'current'} one.`);
  out.note('Keep a copy of the file elsewhere: without it no key can be opened that it wrapped.');
  out.note(
    last
      ? 'Give the file to every process; then move the line to the top, give it to them again, and run: hullcast keys rotate'
      : 'To wrap the keys by it that are there already: hullcast keys rotate',
  );
}

export function registerKeysNewMaster(group: Command, host: Host): void {
  const command = group
    .command('new-master')
    .summary('add a new master key to the file of master keys')
    .description(
      'Makes a random master key and adds it to the file of master keys, which is made where it is not there, for its owner ' +
        'alone: before the others, so that it is the current one. The older ones stay: they open what they wrapped. The ' +
        'master key itself is shown nowhere.',
    )
    .option('--file <path>', 'that file, instead of HULLCAST_MASTER_KEY_FILE or the one in the home')
    .option(
      '--last',
      'add it as the last one, not used yet: for a fleet, whose processes must all have it first',
    )
    .action(host.action((context, _args, flags) => newMaster(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast keys new-master', does: 'a new current one' },
      { command: 'hullcast keys new-master --file master-keys', does: 'the first, of a fleet' },
      { command: 'hullcast keys new-master --last', does: 'one to distribute before it is used' },
    ],
    [0, 1, 2],
    { 0: 'done' },
  );
}
