import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { Logger } from 'pino';
import type { KeyService } from '../keys/index.js';
import { type Tools, type Usage, createRunner } from '../media/index.js';
import { Lease, asDiskError } from '../storage/index.js';
import { type ArtifactRecord, type ArtifactStore, type Cost, artifactKey, artifactName } from './artifact.js';
import { canonicalJson } from './canonical.js';
import { type Progress, SharedRuns } from './shared-runs.js';
import { onAbort } from './signals.js';
import type { BlobRef, Stage, StageContext } from './stage.js';

export interface PerformEnv {
  artifacts: ArtifactStore;
  tools: Tools;
  /** Folder in which every run makes its own scratch folder. */
  scratch: string;
  log: Logger;
  signal?: AbortSignal | undefined;
  progress?: Progress | undefined;
  keys?: KeyService | undefined;
  /** Told of what each child process used, those of failed runs included. */
  onUsage?: ((usage: Usage) => void) | undefined;
}

export interface Performed<R = unknown> {
  key: string;
  result: R;
  /** True where this call computed nothing: the artifact was there, or another call was computing it. */
  cached: boolean;
  /** What computing it cost, whenever that was. */
  cost: Cost;
}

const sharedRuns = new WeakMap<ArtifactStore, SharedRuns<Performed>>();

function runsOf(artifacts: ArtifactStore): SharedRuns<Performed> {
  const runs = sharedRuns.get(artifacts) ?? new SharedRuns<Performed>();
  sharedRuns.set(artifacts, runs);
  return runs;
}

/**
 * Gives the stage's artifact for `params`: from the store, from a run of the same work that this process has under
 * way, or by running the stage. Throws what the stage throws, and the signal's reason where `env.signal` aborts.
 */
export async function performStage<P, R>(
  stage: Stage<P, R>,
  params: P,
  env: PerformEnv,
): Promise<Performed<R>> {
  const key = artifactKey(stage, env.tools, params);
  const { value, joined } = await runsOf(env.artifacts).join(key, env, async (signal, progress) => {
    const found = await env.artifacts.find(artifactName(stage), key);
    const record = found ?? (await runStage(stage, key, params, { ...env, signal, progress }));
    return { key, result: record.result, cost: record.cost, cached: found !== undefined };
  });
  return { ...value, result: value.result as R, cached: value.cached || joined };
}

type RunEnv = PerformEnv & { signal: AbortSignal; progress: Progress };

/** Runs the stage in a scratch folder of its own, and commits its record once everything it names is stored. */
async function runStage<P, R>(
  stage: Stage<P, R>,
  key: string,
  params: P,
  env: RunEnv,
): Promise<ArtifactRecord> {
  env.signal.throwIfAborted();
  const scratch = await makeScratch(env.scratch, stage.name);
  const lease = new Lease();
  try {
    const cost: Cost = { cpuSeconds: 0, wallSeconds: 0, processes: 0 };
    const blobs = new Map<string, BlobRef>();
    const started = performance.now();
    const result = await stage.run(params, stageContext({ scratch, lease, cost, blobs }, env));
    cost.wallSeconds = (performance.now() - started) / 1000;
    // Through JSON, so that a fresh result and one read back are the same, and what is no JSON fails here.
    const plain = JSON.parse(canonicalJson(result)) as ArtifactRecord['result'];
    const record = {
      key,
      stage: artifactName(stage),
      version: stage.version,
      result: plain,
      blobs: [...blobs.values()],
      cost,
    };
    return await env.artifacts.commit(record);
  } catch (error) {
    throw asDiskError(error, scratch);
  } finally {
    lease.end();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function makeScratch(parent: string, stage: string): Promise<string> {
  const make = (): Promise<string> => mkdtemp(join(parent, `${stage}-`));
  try {
    return await make().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(parent, { recursive: true }); // the first run here, or somebody has cleaned up
      return make();
    });
  } catch (error) {
    throw asDiskError(error, parent);
  }
}

/** What belongs to one run. */
interface RunState {
  scratch: string;
  /** Of the local files of the blobs that it reads. */
  lease: Lease;
  cost: Cost;
  /** What it kept, by digest. */
  blobs: Map<string, BlobRef>;
}

function stageContext({ scratch, lease, cost, blobs }: RunState, env: RunEnv): StageContext {
  const onUsage = (usage: Usage): void => {
    cost.cpuSeconds += usage.cpuSeconds;
    cost.processes += 1;
    env.onUsage?.(usage);
  };
  const run = createRunner({ log: env.log, onUsage });
  const { tools, signal, log, progress, keys } = env;
  return {
    ...{ tools, scratch, signal, log, progress, keys },
    run: (request) => run({ ...request, signal: bothSignals(signal, request.signal) }),
    path: (blob) => unlessAborted(signal, env.artifacts.path(blob, lease)),
    keep: async (path) => {
      const blob = await keepFile(env.artifacts, scratch, path);
      blobs.set(blob.sha256, blob);
      return blob;
    },
  };
}

/** Rejects as soon as the signal aborts; the download goes on for whoever wants the blob next. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let release = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    release = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    release();
  }
}

function bothSignals(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined || other === signal ? signal : AbortSignal.any([signal, other]);
}

/** Moves a file of the scratch folder into the store. Any other file belongs to somebody else: it is copied. */
async function keepFile(artifacts: ArtifactStore, scratch: string, path: string): Promise<BlobRef> {
  const inside = relative(scratch, path);
  if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside))
    return artifacts.keep(path, { move: true });
  const copies = await mkdtemp(join(scratch, 'keep-'));
  const copy = join(copies, 'file'); // hashed and stored is the copy, so that a change meanwhile cannot part the two
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  return artifacts.keep(copy, { move: true });
}
