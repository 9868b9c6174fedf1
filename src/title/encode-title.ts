import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Logger } from 'pino';
import { type PublishFile, checkOutput, publishFolder } from '../distribute/index.js';
import { examineFile } from '../ingest/index.js';
import type { Tools } from '../media/index.js';
import {
  type BlobRef,
  type JobEvent,
  type Pipeline,
  type TitleContext,
  type Totals,
  openPipeline,
} from '../pipeline/index.js';
import { type Report, reportHtml } from '../report/index.js';
import { type TitleRequest, type TitleResult, analyse, titleFlow } from './flow.js';
import type { TitleOptions } from './options.js';
import { type TitlePlan, planTitle } from './plan.js';
import { buildReport } from './report.js';
import { reportPictures } from './report-pictures.js';
import { STAGES } from './stages.js';

/** What making or planning a title needs of its surroundings. */
export interface TitleSetting {
  tools: Tools;
  /** Folder of all state. */
  home: string;
  /** Stage runs at a time; the number of cores unless given. */
  slots?: number;
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
 * Makes a title of the file `master` and writes it into `out`, whole or not at all. What an earlier run in the same
 * home finished is not done again. Throws MASTER_… (exit code 3), OUT_… (2), HOME_BUSY, DISK_FULL, VERIFY_FAILED and
 * what running the tools throws.
 */
export async function encodeTitle(
  master: string,
  out: string,
  options: TitleOptions,
  setting: TitleSetting,
): Promise<EncodedTitle> {
  await checkOutput(out);
  return withMaster(master, options, setting, async (pipeline, request) => {
    const { result, totals } = await runFlow(pipeline, request, setting, (t) => titleFlow(request, t));
    const report = buildReport(result, { ...setting, cost: costOf(totals) });
    await announced(setting, 'publish', async () =>
      publishFolder(out, await filesOf(pipeline, result, report)),
    );
    return { report, out: resolve(out) };
  });
}

/** Says what encoding `master` would do and cost: it is taken in and its shots are found, nothing is encoded. */
export async function planMaster(
  master: string,
  options: TitleOptions,
  setting: TitleSetting,
): Promise<TitlePlan> {
  return withMaster(master, options, setting, async (pipeline, request) => {
    const { result } = await runFlow(pipeline, request, setting, (t) => analyse(request, t));
    return planTitle(result.ingest, result.chunked, options);
  });
}

/** Opens the home, stores the master under its digest, and closes the home whatever happens. */
async function withMaster<T>(
  master: string,
  options: TitleOptions,
  setting: TitleSetting,
  use: (pipeline: Pipeline, request: TitleRequest) => Promise<T>,
): Promise<T> {
  const path = resolve(master);
  await examineFile(path, master); // before anything is opened or copied: most mistakes are seen here
  const { tools, home, slots, log } = setting;
  const pipeline = await openPipeline({
    stages: STAGES,
    tools,
    home,
    log,
    ...(slots === undefined ? {} : { slots }),
  });
  try {
    const source = await announced(setting, 'store', () => pipeline.artifacts.keep(path, { move: false }));
    return await use(pipeline, { name: basename(path), source, options });
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
  { packaged, images }: TitleResult,
  report: Report,
): Promise<PublishFile[]> {
  const media = packaged.files.map(async ({ path, blob }) => ({
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
