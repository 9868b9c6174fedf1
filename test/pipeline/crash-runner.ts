import { runTitle } from '../../src/pipeline/index.js';
import { crashFlow, joinStage, workStage } from './crash-title.js';
import { TOOLS } from './support.js';

// A process that makes the title of crash-title.ts and prints its events, until it is killed.
const [home, ledger] = process.argv.slice(2) as [string, string];
const options = { home, stages: [workStage, joinStage], tools: TOOLS, slots: 2 };
await runTitle(options, 'crash', crashFlow(ledger), {
  onEvent: ({ state, job, cached }) => console.log(`${state} ${job}${cached ? ' cached' : ''}`),
});
