import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, Stage, TitleFlow } from '../../src/pipeline/index.js';

interface WorkParams {
  n: number;
  /** Ledger of runs: one line when a run begins. */
  ledger: string;
}

/** Runs a process for a while, then leaves a file. */
export const workStage: Stage<WorkParams, BlobRef> = {
  ...{ name: 'work', version: 1, uses: [] },
  async run({ n, ledger }, { run, scratch, keep }) {
    await appendFile(ledger, `work ${n}\n`);
    const path = join(scratch, 'out');
    await writeFile(path, 'half');
    await run({ file: process.execPath, args: ['-e', 'setTimeout(() => {}, 200)'], timeoutMs: 20_000 });
    await writeFile(path, `result ${n}`);
    return keep(path);
  },
};

/** Puts the names of all files into one. */
export const joinStage: Stage<{ parts: BlobRef[]; ledger: string }, string> = {
  ...{ name: 'join', version: 1, uses: [] },
  async run({ parts, ledger }, { run }) {
    await appendFile(ledger, 'join\n');
    await run({ file: process.execPath, args: ['-e', 'setTimeout(() => {}, 300)'], timeoutMs: 20_000 });
    return parts.map((part) => part.sha256).join();
  },
};

export const JOBS = 8;

export function crashFlow(ledger: string): TitleFlow<string> {
  return async (t) => {
    const jobs = Array.from({ length: JOBS }, (_, n) => ({ id: String(n), params: { n, ledger } }));
    const parts = await t.stages(workStage, jobs);
    return t.run(joinStage, { parts, ledger });
  };
}
