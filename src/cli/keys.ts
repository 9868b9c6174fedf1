import type { Register } from './context.js';
import { teach } from './help.js';
import { registerKeysAudit } from './keys/audit.js';
import { registerKeysList } from './keys/list.js';
import { registerKeysNewMaster } from './keys/new-master.js';
import { registerKeysRotate } from './keys/rotate.js';

export const registerKeys: Register = (program, host) => {
  const group = program
    .command('keys')
    .summary('content keys: list them, see who used them, rotate what wraps them')
    .description(
      'Looks after the content keys of encrypted titles, which lie in the store (that of HULLCAST_STORE, or of the home), ' +
        'each wrapped by a master key. No command shows a key.',
    )
    .helpCommand(false);
  for (const register of [registerKeysList, registerKeysAudit, registerKeysRotate, registerKeysNewMaster])
    register(group, host);
  teach(
    group,
    [
      { command: 'hullcast keys list', does: 'which keys there are' },
      { command: 'hullcast keys audit --since 7d', does: 'who used them' },
      { command: 'hullcast keys new-master', does: 'a new master key …' },
      { command: 'hullcast keys rotate', does: '… for all keys' },
    ],
    [0, 1, 2],
    { 0: 'done' },
  );
};
