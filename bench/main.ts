import { failureText } from './failure.js';
import { ladderBench } from './ladder.js';
import { overheadBench } from './overhead.js';

/** Benchmarks by name; each can be run alone: `npm run bench -- <name>`. */
const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  ladder: ladderBench,
  overhead: overheadBench,
};

const [name = ''] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(`usage: npm run bench -- <name>, with one of: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
try {
  await bench();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(1);
}
