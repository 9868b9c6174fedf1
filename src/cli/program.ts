import { Command } from 'commander';
import { EXIT, HullcastError } from '../errors.js';
import { type Host, type Io, type Register, createHost } from './context.js';
import { failureLine, failureOf, failureText, stackOf } from './failure.js';
import { isHelpShown, teach, usageError } from './help.js';
import { Output } from './output.js';
import { type SignalSource, watchSignals } from './signals.js';
import { HULLCAST_VERSION } from './version.js';

/** The program with its commands. Parsing throws commander's CommanderError instead of leaving the process. */
export function buildProgram(host: Host, out: Output, commands: readonly Register[]): Command {
  const program = new Command('hullcast')
    .description(
      'Turns a master into a streaming title: shots, a convex-hull bitrate ladder scored by VMAF, CMAF segments, ' +
        'HLS and DASH manifests. What is finished is kept in HULLCAST_HOME (default: .hullcast), so a command that ' +
        'was interrupted continues where it stopped.',
    )
    .option('--json', 'print one JSON object a line on standard output (docs/json-lines.md)')
    .option('--verbose', 'log to standard error what is done, full commands included')
    .version(HULLCAST_VERSION, '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => out.result(text),
      writeErr: () => undefined, // errors are told by the boundary in runCli
    })
    .exitOverride();
  for (const register of commands) register(program, host);
  return teach(
    program,
    [
      { command: 'hullcast doctor', does: 'is everything there that is needed?' },
      { command: 'hullcast plan master.mov', does: 'what would be done, and what it would cost' },
      { command: 'hullcast encode master.mov --out title', does: 'make the title' },
      { command: 'hullcast play title', does: 'watch it in a browser' },
    ],
    [0, 1, 2, 3, 4, 130],
    { 4: 'a quality floor was missed, check found a regression, or verify a broken rule' },
  );
}

/** Whether --json is among the arguments; asked before they are parsed, as errors in them are told as JSON too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

export interface CliOptions {
  io: Io;
  signals: SignalSource;
  /** Leaves the process at once. */
  exit: (code: number) => void;
  commands: readonly Register[];
}

/** Runs one command line (without node and script) and gives its exit code; the one place where errors end up. */
export async function runCli(
  argv: readonly string[],
  { io, signals, exit, commands }: CliOptions,
): Promise<number> {
  const stopper = watchSignals(signals, {
    exit,
    onStop: () => out.note('stopping … (once more to leave at once)'),
  });
  const out: Output = new Output(io.stdout, io.stderr, (cause) =>
    stopper.stop(new HullcastError('OUTPUT_FAILED', `cannot write output: ${cause.message}`, { cause })),
  );
  try {
    await buildProgram(createHost(io, out, stopper), out, commands).parseAsync(argv, { from: 'user' });
    // What was done counts, even where a signal came at the very end; output that was lost does not.
    if (stopper.signal.aborted && !stopper.stoppedBy()) throw stopper.signal.reason;
    return EXIT.ok;
  } catch (error) {
    if (isHelpShown(error)) return EXIT.ok;
    const stoppedBy = stopper.stoppedBy();
    // A stream that broke stopped the command; what the command then threw is only a consequence.
    const broken = stopper.signal.aborted && !stoppedBy ? (stopper.signal.reason as Error) : undefined;
    const failure = failureOf(usageError(error) ?? broken ?? error, stoppedBy);
    if (wantsJson(argv)) out.json(failureLine(failure));
    out.note(failureText(failure));
    if (argv.includes('--verbose')) out.note(stackOf(error));
    return failure.exitCode;
  } finally {
    stopper.release();
    await out.flush();
  }
}
