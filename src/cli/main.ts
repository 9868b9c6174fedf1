import { COMMANDS } from './commands.js';
import { runCli } from './program.js';

// The command line's entry. Leaving explicitly: a handle that a library keeps open must not hold up the shell.
process.exit(
  await runCli(process.argv.slice(2), {
    io: { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() },
    signals: process,
    commands: COMMANDS,
    exit: (code) => process.exit(code),
  }),
);
