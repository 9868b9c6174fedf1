import { COMMANDS } from './commands.js';
import { runCli } from './program.js';

/** Runs a command line as this process, and leaves explicitly: a handle that a library keeps open must not hold up the shell. */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  const code = await runCli(argv, {
    io: { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() },
    signals: process,
    commands: COMMANDS,
    exit: (code) => process.exit(code),
  });
  process.exit(code);
}
