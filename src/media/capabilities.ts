import { existsSync } from 'node:fs';
import { HullcastError } from '../errors.js';
import { VMAF_MODELS, probeModel } from './libvmaf.js';
import type { Run } from './run.js';
import { type Candidate, type Tool, type ToolName, candidates, tryCandidate } from './tools.js';

/** What an ffmpeg can do, as asked of the program itself. */
export interface Capabilities {
  encoders: ReadonlySet<string>;
  filters: ReadonlySet<string>;
  /** Built-in VMAF models that score a frame. */
  models: readonly string[];
  /** As libvmaf's log says; undefined where no model works. */
  libvmafVersion: string | undefined;
}

/** One place where a tool was looked for, and what came of it. */
export interface CandidateReport {
  candidate: Candidate;
  /** Undefined where the file is no working tool of that kind. */
  tool: Tool | undefined;
  /** Why it is not used; undefined for the one that is. */
  rejected: string | undefined;
}

/** Names from `ffmpeg -encoders`: lines ` V....D libx264   description` after the line of dashes. */
export function parseEncoders(text: string): Set<string> {
  const [, list = ''] = text.split(/^\s*-{3,}\s*$/m);
  return new Set([...list.matchAll(/^\s*[VAS][A-Z.]{5}\s+(\S+)/gm)].map((match) => match[1] ?? ''));
}

/** Names from `ffmpeg -filters`: lines ` TSC trim   V->V   description`; newer versions print two flags. */
export function parseFilters(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^\s*[A-Z.]{2,3}\s+(\S+)\s+[AVN|]+->[AVN|]+/gm)].map((match) => match[1] ?? ''),
  );
}

const known = new Map<string, Promise<Capabilities>>();

/** What the ffmpeg at this path can do; asked once a process. Throws as Run does where it does not start. */
export function capabilities(run: Run, ffmpegPath: string): Promise<Capabilities> {
  const before = known.get(ffmpegPath);
  if (before) return before;
  const asked = ask(run, ffmpegPath);
  known.set(ffmpegPath, asked);
  asked.catch(() => known.delete(ffmpegPath)); // a failure is not an answer: the caller gets it, the next one asks again
  return asked;
}

/** The encoders of the ffmpeg at this path. */
export async function encodersOf(run: Run, ffmpegPath: string): Promise<Set<string>> {
  return parseEncoders(await print(run, ffmpegPath, '-encoders'));
}

async function print(run: Run, path: string, what: string): Promise<string> {
  return (await run({ file: path, args: ['-hide_banner', what], timeoutMs: 20_000 })).stdout.toString('utf8');
}

async function ask(run: Run, path: string): Promise<Capabilities> {
  const encoders = await encodersOf(run, path);
  const filters = parseFilters(await print(run, path, '-filters'));
  const versions = await Promise.all(VMAF_MODELS.map((model) => probeModel(run, path, model)));
  return {
    encoders,
    filters,
    models: VMAF_MODELS.filter((_, index) => versions[index] !== undefined),
    libvmafVersion: versions.find((version) => version !== undefined),
  };
}

/**
 * Every place where a tool may be, in the order of discovery, with the reason where one is passed over. The first
 * report without `rejected` is what findTool gives.
 */
export async function inspectCandidates(
  run: Run,
  name: ToolName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<CandidateReport[]> {
  const reports: CandidateReport[] = [];
  for (const candidate of candidates(name, env)) {
    const tool = await tryCandidate(run, name, candidate);
    const chosen = reports.find((report) => report.rejected === undefined);
    const unfit = await whyUnfit(run, candidate, tool);
    const rejected = unfit ?? (chosen ? `not needed: ${chosen.candidate.origin} comes first` : undefined);
    reports.push({ candidate, tool, rejected });
  }
  return reports;
}

async function whyUnfit(run: Run, candidate: Candidate, tool: Tool | undefined): Promise<string | undefined> {
  if (!existsSync(candidate.path)) return 'no such file';
  if (!tool) return 'does not start on this machine';
  if (tool.name !== 'ffmpeg') return undefined;
  const found = await capabilities(run, tool.path).catch((error: unknown) => {
    // It says its version and no more: one more candidate that cannot be used, and no reason to stop looking.
    if (error instanceof HullcastError && error.code.startsWith('PROCESS_')) return undefined;
    throw error;
  });
  if (!found) return 'cannot say what it was built with';
  const { filters, models } = found;
  if (!filters.has('libvmaf')) return 'built without libvmaf';
  return models.includes(VMAF_MODELS[0]) ? undefined : `libvmaf without the built-in model ${VMAF_MODELS[0]}`;
}
