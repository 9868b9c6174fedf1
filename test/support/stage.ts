import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createRunner, findTools } from '../../src/media/index.js';
import type { BlobRef, StageContext } from '../../src/pipeline/index.js';

export interface TestStage {
  context: StageContext;
  /** Copies a file into the store. */
  put(path: string): Promise<BlobRef>;
  cleanUp(): Promise<void>;
}

async function digest(path: string): Promise<BlobRef> {
  const hash = createHash('sha256');
  for await (const data of createReadStream(path)) hash.update(data as Buffer);
  return { sha256: hash.digest('hex'), bytes: (await stat(path)).size };
}

/** A stage context with real tools over a temporary folder, for testing a stage without a queue. */
export async function stageContext(overrides: Partial<StageContext> = {}): Promise<TestStage> {
  const root = await mkdtemp(join(tmpdir(), 'hullcast-test-'));
  const scratch = await mkdtemp(join(root, 'scratch-'));
  const run = createRunner();
  const keepAs = async (path: string, move: typeof rename): Promise<BlobRef> => {
    const blob = await digest(path);
    await move(path, join(root, blob.sha256));
    return blob;
  };
  return {
    context: {
      tools: await findTools(run),
      run,
      scratch,
      signal: new AbortController().signal,
      log: pino({ level: 'silent' }),
      progress: () => undefined,
      path: (blob) => Promise.resolve(join(root, blob.sha256)),
      keep: (path) => keepAs(path, rename),
      ...overrides,
    },
    put: (path) => keepAs(path, copyFile),
    cleanUp: () => rm(root, { recursive: true, force: true }),
  };
}
