import { EXIT, HullcastError } from '../src/errors.js';
import { BENCHES } from './benches.js';
import { failureText } from './failure.js';
import { FLAGS_HELP } from './flags.js';

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  const names = Object.keys(BENCHES).join(', ');
  process.stderr.write(
    `usage: npm run bench -- <name> [flags], with one of: ${names}\nflags of optimizer, codecs and score (of uploads: --gb <size>): ${FLAGS_HELP}\n`,
  );
  process.exit(EXIT.usage);
}
try {
  await bench(args);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(error instanceof HullcastError ? error.exitCode : EXIT.failure);
}
