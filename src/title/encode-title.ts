import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Logger } from 'pino';
import { type PublishFile, checkOutput, publishFolder } from '../distribute/index.js';
import { examineFile } from '../ingest/index.js';
import type { KeyService } from '../keys/index.js';
import type { Tools } from '../media/index.js';
import type { TextLabels } from '../package/index.js';
import {
  type BlobRef,
  type JobEvent,
  type Pipeline,
  type TitleContext,
  type Totals,
  openPipeline,
} from '../pipeline/index.js';
import { type Report, reportHtml } from '../report/index.js';
import type { ObjectStore } from '../storage/index.js';
import { type TextFileSource, checkTextFile } from '../text/index.js';
import { shippedFiles } from './delivery.js';
import { type TitleResult, analyse, titleFlow } from './flow.js';
import type { TitleRequest } from './request.js';
import type { TitleOptions } from './options.js';
import { type TitlePlan, planTitle } from './plan.js';
import { buildReport } from './report.js';
import { reportPictures } from './report-pictures.js';
import { STAGES } from './stages.js';
import type { TextInput } from './texts.js';

/** A text file that comes with a master, on this machine. */
export interface TextFile {
  /** Absolute, or relative to the working folder. */
  path: string;
  labels: TextLabels;
  hints: Pick<TextFileSource, 'encoding' | 'start' | 'fps'>;
}

/** Files that a title is made of. */
export interface TitleFiles {
  master: string;
  texts: readonly TextFile[];
}

/** What making or planning a title needs of its surroundings. */
export interface TitleSetting {
  tools: Tools;
  /** Opens the key service over the home's store, for titles that are encrypted. */
  keys?: ((store: ObjectStore) => KeyService) | undefined;
  /** Folder of all state. */
  home: string;
  /** Stage runs at a time; the number of cores unless given. */
  slots?: number;
  /** Bytes of memory that stage runs may need together; most of the machine's unless given. */
  memory?: number;
  log: Logger;
  signal: AbortSignal;
  onEvent: (event: JobEvent) => void;
  hullcastVersion: string;
}

export interface EncodedTitle {
  report: Report;
  /** Absolute path of the folder with the title. */
  out: string;
}

/**
 * Makes a title of a master and its texts and writes it into `out`, whole or not at all. What an earlier run in the same
 * home finished is not done again. Throws MASTER_… and TEXT_… (exit code 3), OUT_… (2), HOME_BUSY, DISK_FULL, VERIFY_FAILED and
 * what running the tools throws.
 */
export async function encodeTitle(
  files: TitleFiles,
  out: string,
  options: TitleOptions,
  setting: TitleSetting,
): Promise<EncodedTitle> {
  await checkOutput(out);
  return withFiles(files, options, setting, async (pipeline, request) => {
    const { result, totals } = await runFlow(pipeline, request, setting, (t) => titleFlow(request, t));
    const report = buildReport(result, { ...setting, cost: costOf(totals) });
    await announced(setting, 'publish', async () =>
      publishFolder(out, await filesOf(pipeline, result, report)),
    );
    return { report, out: resolve(out) };
  });
}

/** Says what encoding a master would do and cost: it is taken in and its shots are found, nothing is encoded. */
export async function planMaster(
  files: TitleFiles,
  options: TitleOptions,
  setting: TitleSetting,
): Promise<TitlePlan> {
  return withFiles(files, options, setting, async (pipeline, request) => {
    const { result } = await runFlow(pipeline, request, setting, (t) => analyse(request, t));
    return planTitle(result.ingest, result.chunked, request);
  });
}

/** Opens the home, stores all files under their digests, and closes the home whatever happens. */
async function withFiles<T>(
  { master, texts }: TitleFiles,
  options: TitleOptions,
  setting: TitleSetting,
  use: (pipeline: Pipeline, request: TitleRequest) => Promise<T>,
): Promise<T> {
  const path = resolve(master);
  // Before anything is opened or copied: most mistakes are seen here.
  await examineFile(path, master);
  for (const { path, hints } of texts) await checkTextFile(resolve(path), path, hints);
  const { tools, keys, home, slots, memory, log } = setting;
  const pipeline = await openPipeline({
    ...{ stages: STAGES, tools, keys, home, log },
    ...(slots === undefined ? {} : { slots }),
    ...(memory === undefined ? {} : { memory }),
  });
  try {
    const source = await announced(setting, 'store', () => pipeline.artifacts.keep(path, { move: false }));
    const stored: TextInput[] = [];
    for (const { path, labels, hints } of texts) {
      const blob = await pipeline.artifacts.keep(resolve(path), { move: false });
      stored.push({ source: { kind: 'file', name: basename(path), blob, ...hints }, labels });
    }
    const keyService = pipeline.keys?.name;
    return await use(pipeline, { name: basename(path), source, texts: stored, options, keyService });
  } finally {
    await pipeline.close();
  }
}

function runFlow<T>(
  pipeline: Pipeline,
  { source }: TitleRequest,
  { signal, onEvent }: TitleSetting,
  flow: (t: TitleContext) => Promise<T>,
): Promise<{ result: T; totals: Totals }> {
  const encodeStages = ['probe', 'encode'];
  return pipeline.run(`title-${source.sha256.slice(0, 16)}`, flow, { signal, onEvent, encodeStages });
}

/** Shows work that is no job of the queue as a stage of its own. */
async function announced<T>({ onEvent }: TitleSetting, stage: string, work: () => Promise<T>): Promise<T> {
  const event = { type: 'job', stage, job: stage } as const;
  onEvent({ ...event, state: 'started' });
  try {
    const result = await work();
    onEvent({ ...event, state: 'done' });
    return result;
  } catch (error) {
    onEvent({ ...event, state: 'failed', message: (error as Error).message });
    throw error;
  }
}

/** What this run cost: child processes by stage, and this process itself under `hullcast`. */
function costOf(totals: Totals): Report['cost'] {
  const { user, system } = process.cpuUsage();
  return {
    wallSeconds: totals.wallSeconds,
    cpuSeconds: { ...totals.spent, hullcast: (user + system) / 1e6 },
    encodes: totals.encodes,
    cacheHits: totals.cacheHits,
  };
}

async function filesOf(
  pipeline: Pipeline,
  { packaged, images, delivery }: TitleResult,
  report: Report,
): Promise<PublishFile[]> {
  const media = shippedFiles(packaged, delivery).map(async ({ path, blob }) => ({
    path,
    from: { file: await pipeline.artifacts.path(blob) },
  }));
  const read = async (blob: BlobRef): Promise<Buffer> => readFile(await pipeline.artifacts.path(blob));
  const pictures = await reportPictures(images, read);
  return [
    ...(await Promise.all(media)),
    { path: 'report.json', from: { text: `${JSON.stringify(report, undefined, 2)}\n` } },
    { path: 'report.html', from: { text: reportHtml(report, pictures) } },
  ];
}
