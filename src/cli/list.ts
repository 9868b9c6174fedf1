import { InvalidArgumentError } from 'commander';
import { type ApiTitle, titleSchema } from '../services/contract/index.js';
import type { TitleQuery } from '../services/client/index.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';
import { addServerOptions, connect } from './remote/connect.js';
import { titleTable } from './remote/title-text.js';

const STATES = titleSchema.shape.state.options;
/** Titles of one answer, at most. */
const PAGE = 200;
const MOST = 100_000;

/** One or several states, in one option or in several. */
function readStates(text: string, before: ApiTitle['state'][] = []): ApiTitle['state'][] {
  return [
    ...before,
    ...text.split(',').map((name) => {
      const state = STATES.find((one) => one === name);
      if (state === undefined) throw new InvalidArgumentError(`Allowed is one of ${STATES.join(', ')}.`);
      return state;
    }),
  ];
}

function readLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(limit >= 1 && limit <= MOST))
    throw new InvalidArgumentError(`Allowed is a whole number from 1 to ${MOST}.`);
  return limit;
}

async function list(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json } = context;
  const { client } = await connect(context, flags);
  const wanted = flags['all'] === true ? Infinity : (flags['limit'] as number);
  const query = {
    ...(flags['state'] === undefined ? {} : { states: flags['state'] as TitleQuery['states'] & object }),
    ...(flags['externalId'] === undefined ? {} : { externalId: flags['externalId'] as string }),
  };
  const titles: ApiTitle[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, wanted - titles.length);
    const page = await client.titles({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
    if (json) for (const title of page.titles) out.json({ type: 'title', ...title });
    titles.push(...page.titles);
    cursor = page.next;
  } while (cursor !== undefined && titles.length < wanted);
  const more = cursor !== undefined;
  if (json) return out.json({ type: 'titles', count: titles.length, more });
  if (titles.length === 0) return out.note('No titles.');
  out.result(titleTable(titles));
  if (more) out.note('There are more: --all, or a greater --limit.');
}

export const registerList: Register = (program, host) => {
  const command = program
    .command('list')
    .summary('list the titles of a server')
    .description(
      'Lists titles of a server, the newest first: id, state, priority, time of submission (UTC) and name. With --json ' +
        'everything that the server knows of each.',
    )
    .option(
      '--state <state>',
      `only titles in this state, of ${STATES.join(', ')}; repeated or with commas for several`,
      readStates,
    )
    .option('--external-id <id>', 'only titles that were submitted with this external id')
    .option('--limit <n>', 'most titles to list', readLimit, 20)
    .option('--all', 'list all titles, however many there are')
    .action(host.action((context, _args, flags) => list(context, flags)));
  addServerOptions(command);
  teach(
    command,
    [
      { command: 'hullcast list', does: 'the newest 20' },
      { command: 'hullcast list --state queued,running --all', does: 'everything that is under way' },
      { command: 'hullcast list --state failed --json', does: 'with their errors' },
    ],
    [0, 1, 2, 130],
    { 0: 'listed, also where there are none' },
  );
};
