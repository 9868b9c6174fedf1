import { runCommandLine } from '../src/cli/command-line.js';

/** Does what `hullcast worker --stages …` does, with whatever other arguments the process was given. */
export async function runWorker(stages: readonly string[] | undefined): Promise<void> {
  const only = stages ? ['--stages', stages.join(',')] : [];
  await runCommandLine(['worker', ...only, ...process.argv.slice(2)]);
}
