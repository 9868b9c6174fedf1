import { type Command, InvalidArgumentError } from 'commander';
import { type Database, type Scope, SCOPES, type Token } from '../db/index.js';
import { badUsage } from '../errors.js';
import { makeToken, tokenIdOf } from '../services/tokens/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { CommandContext, Flags, Host, Register } from './context.js';
import { teach } from './help.js';
import { withDatabase } from './store/database.js';
import { tokenTable } from './token/table.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 3650;
const LONGEST_NAME = 200;

function readScopes(text: string): Scope[] {
  const scopes = [...new Set(text.split(','))];
  const known = scopes.filter((scope): scope is Scope => (SCOPES as readonly string[]).includes(scope));
  if (known.length < scopes.length) {
    throw new InvalidArgumentError(`Allowed is a list, each one of ${SCOPES.join(', ')}.`);
  }
  return known;
}

function readDays(text: string): number {
  const days = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(days >= 1 && days <= MOST_DAYS)) {
    throw new InvalidArgumentError(`Allowed is a whole number from 1 to ${MOST_DAYS}.`);
  }
  return days;
}

function readName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME) {
    throw new InvalidArgumentError(`Allowed are 1 to ${LONGEST_NAME} characters.`);
  }
  return name;
}

/** Runs work on the database of the configured home. */
async function withTokens(
  context: CommandContext,
  flags: Flags,
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const { home } = await loadConfig(context, flags);
  await withDatabase(context, home, work);
}

/** A token as a JSON line: every field is there, null where it is not known. */
function tokenLine(token: Token): object {
  return { type: 'token', expiresAt: null, revokedAt: null, lastUsedAt: null, ...token };
}

async function create(context: CommandContext, name: string, flags: Flags): Promise<void> {
  const { out, json } = context;
  const days = flags['days'] as number | undefined;
  const { id, secret, digest } = makeToken();
  await withTokens(context, flags, async ({ tokens }) => {
    const token = await tokens.create({
      ...{ id, name, scopes: flags['scopes'] as Scope[], digest },
      ...(days === undefined ? {} : { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() }),
    });
    if (json) return out.json({ ...tokenLine(token), secret });
    out.result(secret);
    const until = token.expiresAt === undefined ? 'until it is revoked' : `until ${token.expiresAt}`;
    out.note(
      `Token ${id} (${name}) may ${token.scopes.join(', ')} ${until}. Keep it: it is not shown again.`,
    );
  });
}

async function list(context: CommandContext, flags: Flags): Promise<void> {
  const { out, json } = context;
  await withTokens(context, flags, async ({ tokens }) => {
    const all = await tokens.list();
    if (json) for (const token of all) out.json(tokenLine(token));
    else out.result(tokenTable(all));
  });
}

async function revoke(context: CommandContext, given: string, flags: Flags): Promise<void> {
  const { out, json } = context;
  // Who pastes a whole secret means its id; the secret itself is not to be repeated anywhere.
  const id = tokenIdOf(given) ?? given;
  await withTokens(context, flags, async ({ tokens }) => {
    if (!(await tokens.revoke(id))) {
      throw badUsage('TOKEN_NOT_FOUND', `there is no token ${id}`, 'See: hullcast token list.');
    }
    if (json) out.json({ type: 'revoked', id });
    else out.result(`Token ${id} is revoked.`);
  });
}

function registerCreate(group: Command, host: Host): void {
  const command = group
    .command('create')
    .summary('make a token, and print its secret once')
    .description(
      'Makes a token for the API and prints its secret, alone, on standard output. The secret is shown this once: the ' +
        'database keeps a digest of it only.',
    )
    .argument('<name>', 'who it is for, to know it again', readName)
    .option('--scopes <list>', `what it may do: ${SCOPES.join(', ')}`, readScopes, [
      'read',
      'submit',
    ] as Scope[])
    .option('--days <n>', 'days until it expires; it does not expire unless given', readDays)
    .action(host.action((context, [name = ''], flags) => create(context, name, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast token create ci --days 90', does: 'may submit and look' },
      { command: 'hullcast token create anna --scopes read,submit,admin', does: 'may do all' },
    ],
    [0, 1, 2],
  );
}

function registerList(group: Command, host: Host): void {
  const command = group
    .command('list')
    .summary('list tokens, revoked and expired ones too')
    .description(
      'Lists all tokens, the newest first, with what each may do and when it was last used (to the minute).',
    )
    .action(host.action((context, _args, flags) => list(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast token list', does: 'a table' },
      { command: 'hullcast token list --json', does: 'a JSON line a token' },
    ],
    [0, 1, 2],
  );
}

function registerRevoke(group: Command, host: Host): void {
  const command = group
    .command('revoke')
    .summary('make a token invalid, for good')
    .description('Makes a token invalid from the next request on, for good. It stays in the list.')
    .argument('<id>', 'as `token list` shows it')
    .action(host.action((context, [id = ''], flags) => revoke(context, id, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast token revoke 0f3a5c7e9b1d', does: 'that token' },
      { command: 'hullcast token revoke 0f3a5c7e9b1d --json', does: 'with a JSON line' },
    ],
    [0, 1, 2],
  );
}

export const registerToken: Register = (program, host) => {
  const group = program
    .command('token')
    .summary('make, list and revoke tokens of the API')
    .description(
      'Manages the tokens with which clients use the API of `hullcast serve`, in the database itself: the one that ' +
        'HULLCAST_DB names, else the embedded one in the home, which no other process may be using meanwhile.',
    )
    .helpCommand(false);
  for (const register of [registerCreate, registerList, registerRevoke]) register(group, host);
  teach(
    group,
    [
      { command: 'hullcast token create ci --days 90', does: 'prints the secret, once' },
      { command: 'hullcast token list', does: 'who may do what, and when they last did' },
      { command: 'hullcast token revoke 0f3a5c7e9b1d', does: 'for good' },
    ],
    [0, 1, 2],
  );
};
