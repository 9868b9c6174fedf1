import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  type Capabilities,
  type CandidateReport,
  type Run,
  type ToolName,
  capabilities,
  inspectCandidates,
} from '../../media/index.js';

/** What doctor found out about this machine. */
export interface Facts {
  tools: Record<ToolName, readonly CandidateReport[]>;
  /** Of the ffmpeg that is used; undefined where there is none. */
  ffmpeg: Capabilities | undefined;
  nodeVersion: string;
  cores: number;
  /** HULLCAST_HOME, absolute. */
  home: string;
  /** Bytes that may still be written there. */
  freeBytes: number;
  chromium: string | undefined;
}

/** Tools in the order in which they are shown. */
export const TOOL_NAMES: readonly ToolName[] = ['ffmpeg', 'ffprobe', 'packager'];

/** A folder that is not there yet will be made where its nearest ancestor is. */
async function freeBytes(folder: string): Promise<number> {
  if (!existsSync(folder)) return freeBytes(dirname(folder));
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [env['HULLCAST_CHROMIUM'], ...paths].find((path) => path && existsSync(path));
}

/** Asks the tools and the machine; changes nothing. */
export async function gatherFacts(run: Run, env: NodeJS.ProcessEnv, home: string): Promise<Facts> {
  const [ffmpeg, ffprobe, packager] = await Promise.all([
    inspectCandidates(run, 'ffmpeg', env),
    inspectCandidates(run, 'ffprobe', env),
    inspectCandidates(run, 'packager', env),
  ]);
  const used = ffmpeg.find((report) => report.rejected === undefined);
  return {
    tools: { ffmpeg, ffprobe, packager },
    ffmpeg: used && (await capabilities(run, used.candidate.path)),
    nodeVersion: process.version,
    cores: availableParallelism(),
    home,
    freeBytes: await freeBytes(home),
    chromium: findChromium(env),
  };
}
