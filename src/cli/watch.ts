import type { Register } from './context.js';
import { teach } from './help.js';
import { addServerOptions, connect } from './remote/connect.js';
import { watchTitle } from './remote/watch-title.js';

export const registerWatch: Register = (program, host) => {
  const command = program
    .command('watch')
    .summary('follow a title on a server until its end')
    .description(
      'Shows what the stages of a title on a server are doing, until the title has ended, and ends as `encode` would ' +
        'have: 0 where it is done, else with its error. Restarts of the server and cut connections are lived through. ' +
        'Ctrl-C ends the watching, not the title.',
    )
    .argument('<id>', 'id of the title, as submit and list print it')
    .action(
      host.action(async (context, [id = ''], flags) => {
        await watchTitle(context, await connect(context, flags), id);
      }),
    );
  addServerOptions(command);
  teach(
    command,
    [
      { command: 'hullcast watch 01JZ8Q4T', does: 'live progress, then the ladder' },
      { command: 'hullcast watch 01JZ8Q4T --json', does: 'JSON lines, as of encode' },
    ],
    [0, 1, 2, 3, 130],
    {
      0: 'the title is done',
      1: 'the title failed or was cancelled',
      3: 'the title failed: its master was rejected',
    },
  );
};
