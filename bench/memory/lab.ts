import { randomUUID } from 'node:crypto';
import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createRunner, findTools } from '../../src/media/index.js';
import type { BlobRef, Stage } from '../../src/pipeline/index.js';

/** Memory can be measured on a busy machine, too: time is no limit. */
const PATIENCE = 50;

/** A process that a stage has run. */
export interface MeasuredProcess {
  args: readonly string[];
  /** Most resident memory, bytes. */
  peakBytes: number;
  /** On the clock of performance.now(). */
  began: number;
  ended: number;
}

/** A folder of blobs, and stages that are run over it as a worker runs them. */
export interface Lab {
  /** Takes a file in. */
  put(path: string): Promise<BlobRef>;
  run<P, R>(stage: Stage<P, R>, params: P): Promise<{ result: R; processes: MeasuredProcess[] }>;
  close(): Promise<void>;
}

/** Most memory that processes took together, bytes, each counted by its peak as long as it ran. */
export function peakTogether(processes: readonly MeasuredProcess[]): number {
  const at = (time: number): number =>
    processes
      .filter(({ began, ended }) => began <= time && time < ended)
      .reduce((sum, { peakBytes }) => sum + peakBytes, 0);
  return Math.max(0, ...processes.map(({ began }) => at(began)));
}

/** Opens a lab in a temporary folder, which goes with it. */
export async function openLab(): Promise<Lab> {
  const root = await mkdtemp(join(tmpdir(), 'hullcast-memory-'));
  const run = createRunner();
  const tools = await findTools(run);
  const take = async (path: string, how: typeof link): Promise<BlobRef> => {
    // No stage looks whether it is the digest, and to compute it would take longer than some of them.
    const sha256 = randomUUID().replaceAll('-', '').padEnd(64, '0');
    await how(path, join(root, sha256));
    return { sha256, bytes: (await stat(join(root, sha256))).size };
  };
  return {
    put: (path) => take(path, link),
    async run(stage, params) {
      const processes: MeasuredProcess[] = [];
      const scratch = await mkdtemp(join(root, 'scratch-'));
      const result = await stage.run(params, {
        ...{ scratch, tools, log: pino({ level: 'silent' }) },
        run: async (request) => {
          const began = performance.now();
          const done = await run({ ...request, timeoutMs: PATIENCE * request.timeoutMs });
          const { args } = request;
          processes.push({ args, peakBytes: done.usage.peakBytes, began, ended: performance.now() });
          return done;
        },
        ...{ signal: new AbortController().signal, progress: () => undefined },
        path: ({ sha256 }) => Promise.resolve(join(root, sha256)),
        keep: (path) => take(path, rename),
      });
      await rm(scratch, { recursive: true });
      return { result, processes };
    },
    close: () => rm(root, { recursive: true }),
  };
}
