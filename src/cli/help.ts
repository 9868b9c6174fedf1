import { type Command, CommanderError } from 'commander';
import { type HullcastError, badUsage } from '../errors.js';

/** One example of a command's help. */
export interface Example {
  command: string;
  /** What it does, a few words. */
  does: string;
}

const EXIT_CODES: Record<number, string> = {
  0: 'done and verified',
  1: 'failed for another reason than those below',
  2: 'bad usage or configuration',
  3: 'the master, or a text of it, was rejected',
  4: 'a quality floor was missed',
  130: 'stopped by Ctrl-C (143: by SIGTERM)',
};

/**
 * Adds examples and exit codes below a command's options. `codes` are those that this command can end with;
 * `meanings` is for those that mean something of their own here.
 */
export function teach(
  command: Command,
  examples: readonly Example[],
  codes: readonly number[],
  meanings: Readonly<Record<number, string>> = {},
): Command {
  const width = Math.max(...examples.map((example) => example.command.length));
  const shown = examples.map((example) => `  $ ${example.command.padEnd(width)}   ${example.does}`);
  const exits = codes.map(
    (code) => `  ${String(code).padEnd(4)} ${meanings[code] ?? EXIT_CODES[code] ?? 'see docs/errors.md'}`,
  );
  return command.addHelpText('after', `\nExamples:\n${shown.join('\n')}\n\nExit codes:\n${exits.join('\n')}`);
}

/** True where commander stopped because it printed what it was asked for: help or the version. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** commander's complaint about wrong usage as one of ours; undefined where the error is none of commander's. */
export function usageError(error: unknown): HullcastError | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  const help = 'See: hullcast --help, or hullcast <command> --help.';
  if (error.code === 'commander.help') return badUsage('USAGE', 'no command was given', help);
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion === undefined ? help : suggestion.replace(/^\((.*)\)$/, '$1');
  return badUsage('USAGE', message, hint);
}
