import type { ApiTitle } from '../services/contract/index.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { addServerOptions, connect } from './remote/connect.js';
import { forEachTitle } from './remote/each-title.js';
import { endError } from './remote/watch-title.js';

export const registerRetry: Register = (program, host) => {
  const command = program
    .command('retry')
    .summary('begin failed or cancelled titles again')
    .description(
      'Queues titles again that failed or were cancelled. They go on from what is finished. To follow one of them live, ' +
        'use watch afterwards.',
    )
    .argument('<ids...>', 'ids of titles, as submit and list print them')
    .option('--wait', 'wait until each has ended; fail where one is not done then')
    .action(
      host.action(async (context, ids, flags) => {
        const remote = await connect(context, flags);
        const untilDone = async (id: string): Promise<ApiTitle> => {
          const title = await remote.client.follow(id);
          if (title.state !== 'done') throw endError(title, remote);
          return title;
        };
        await forEachTitle(context, ids, {
          act: (id) => remote.client.retry(id),
          wait: flags['wait'] === true ? untilDone : undefined,
        });
      }),
    );
  addServerOptions(command);
  teach(
    command,
    [
      { command: 'hullcast retry 01JZ8Q4T', does: 'queue it again' },
      { command: 'hullcast retry 01JZ8Q4T 01JZ8Q53 --wait', does: 'and wait until both have ended' },
    ],
    [0, 1, 2, 3, 130],
    {
      0: 'all are queued; with --wait: done',
      1: 'a title is not at its end, or is done; with --wait: or failed again',
    },
  );
};
