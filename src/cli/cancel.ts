import { HullcastError } from '../errors.js';
import type { ApiTitle } from '../services/contract/index.js';
import type { Client } from '../services/client/index.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { addServerOptions, connect } from './remote/connect.js';
import { forEachTitle } from './remote/each-title.js';

/** A title that somebody wants to be cancelled and that is: also where that was before, perhaps by a lost answer. */
async function cancelOnce(client: Client, id: string): Promise<ApiTitle> {
  try {
    return await client.cancel(id);
  } catch (error) {
    if (!(error instanceof HullcastError && error.code === 'TITLE_ENDED')) throw error;
    const title = await client.title(id);
    if (title.state === 'cancelled') return title;
    throw error;
  }
}

export const registerCancel: Register = (program, host) => {
  const command = program
    .command('cancel')
    .summary('end titles on a server')
    .description(
      'Ends titles that are queued or running: nothing of them is published. What is finished is kept, so a retry goes ' +
        'on from there. A title that was cancelled before is no failure; one that is done or failed is.',
    )
    .argument('<ids...>', 'ids of titles, as submit and list print them')
    .option('--wait', 'wait until their work has stopped')
    .action(
      host.action(async (context, ids, flags) => {
        const { client } = await connect(context, flags);
        await forEachTitle(context, ids, {
          act: (id) => cancelOnce(client, id),
          wait: flags['wait'] === true ? (id) => client.follow(id) : undefined,
        });
      }),
    );
  addServerOptions(command);
  teach(
    command,
    [
      { command: 'hullcast cancel 01JZ8Q4T', does: 'end one title' },
      {
        command: 'hullcast cancel 01JZ8Q4T 01JZ8Q53 --wait',
        does: 'end two, and wait until nothing works on them',
      },
    ],
    [0, 1, 2, 130],
    {
      0: 'all are cancelled, or being cancelled',
      1: 'a title has ended otherwise, or the server cannot be reached',
    },
  );
};
