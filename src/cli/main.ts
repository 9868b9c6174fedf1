import { runCommandLine } from './command-line.js';

// The command line's entry.
await runCommandLine(process.argv.slice(2));
