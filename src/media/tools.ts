import { accessSync, chmodSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { HullcastError } from '../errors.js';
import { VMAF_MODELS, probeModel } from './libvmaf.js';
import type { Run } from './run.js';

export type ToolName = 'ffmpeg' | 'ffprobe' | 'packager';

export interface Tool {
  name: ToolName;
  /** Absolute path of the executable. */
  path: string;
  /** As the tool itself prints it. */
  version: string;
  /** Where it was found: an environment variable, an npm package or PATH. */
  origin: string;
}

export type Tools = Record<ToolName, Tool>;

export interface Candidate {
  origin: string;
  path: string;
}

const require = createRequire(import.meta.url);
const ARCH = process.arch;
const PLATFORM = process.platform;

/** Path of a file in an installed package; undefined where the package is not installed. */
function inPackage(name: string, ...path: string[]): string | undefined {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), ...path);
  } catch {
    return undefined;
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** Where a tool may be, best first (DESIGN: order of discovery). Environment variables are final: no fallback. */
export function candidates(name: ToolName, env: NodeJS.ProcessEnv = process.env): Candidate[] {
  const variable = `HULLCAST_${name.toUpperCase()}`;
  const forced = env[variable];
  if (forced) return [{ origin: variable, path: forced }];
  const found = (origin: string, path: string | undefined): Candidate[] => (path ? [{ origin, path }] : []);
  const installer = `${PLATFORM}-${ARCH}`;
  switch (name) {
    case 'ffmpeg':
      return [
        ...found('npm @ffmpeg-binary', inPackage(`@ffmpeg-binary/${installer}`, 'ffmpeg')),
        ...found('PATH', onPath('ffmpeg', env)),
        ...found('npm @ffmpeg-installer', inPackage(`@ffmpeg-installer/${installer}`, 'ffmpeg')),
      ];
    case 'ffprobe':
      return [
        ...found('npm @ffprobe-installer', inPackage(`@ffprobe-installer/${installer}`, 'ffprobe')),
        ...found('PATH', onPath('ffprobe', env)),
      ];
    case 'packager': {
      const system = PLATFORM === 'darwin' ? 'osx' : PLATFORM === 'win32' ? 'win' : PLATFORM;
      const file = `packager-${system}-${ARCH}${PLATFORM === 'win32' ? '.exe' : ''}`;
      return [
        ...found('npm shaka-packager', inPackage('shaka-packager', 'bin', file)),
        ...found('PATH', onPath('packager', env)),
      ];
    }
  }
}

/** npm 11 does not run the install scripts that set the executable bit, so it is set here where it is missing. */
function makeExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    try {
      chmodSync(path, 0o755);
      return true;
    } catch {
      return false;
    }
  }
}

const VERSION_ARGS: Record<ToolName, string[]> = {
  ffmpeg: ['-version'],
  ffprobe: ['-version'],
  packager: ['--version'],
};

/** First line's version, e.g. `n7.0-7-gd38bf5e08e-20240407` or `v3.4.2-c819dea-release`. */
export function parseVersion(output: string): string | undefined {
  return /version\s+(\S+)/i.exec(output)?.[1];
}

/** Tries one candidate; undefined where it is no working tool of that kind. */
export async function tryCandidate(
  run: Run,
  name: ToolName,
  candidate: Candidate,
): Promise<Tool | undefined> {
  if (!existsSync(candidate.path) || !makeExecutable(candidate.path)) return undefined;
  try {
    const result = await run({ file: candidate.path, args: VERSION_ARGS[name], timeoutMs: 20_000 });
    const version = parseVersion(result.stdout.toString('utf8'));
    return version === undefined
      ? undefined
      : { name, path: candidate.path, version, origin: candidate.origin };
  } catch {
    return undefined; // does not start here (another architecture, a missing library): the next one is tried
  }
}

/** True where this ffmpeg has libvmaf with its built-in models: without them nothing can be scored. */
export async function hasLibvmaf(run: Run, path: string): Promise<boolean> {
  return (await probeModel(run, path, VMAF_MODELS[0])) !== undefined;
}

/** The command that installs a missing tool. */
export const FIX: Record<ToolName, string> = {
  ffmpeg: 'npm install --include=optional, or set HULLCAST_FFMPEG to an ffmpeg 7 built with libvmaf',
  ffprobe: 'npm install, or set HULLCAST_FFPROBE',
  packager: 'npm install, or set HULLCAST_PACKAGER to a Shaka Packager 3',
};

/** Finds one tool; throws TOOL_MISSING with what to do. */
export async function findTool(
  run: Run,
  name: ToolName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Tool> {
  const tried = candidates(name, env);
  for (const candidate of tried) {
    const tool = await tryCandidate(run, name, candidate);
    if (tool && (name !== 'ffmpeg' || (await hasLibvmaf(run, tool.path)))) return tool;
  }
  const where =
    tried.map((candidate) => `${candidate.origin}: ${candidate.path}`).join('; ') || 'nowhere to look';
  const what = name === 'ffmpeg' ? 'no ffmpeg with libvmaf' : `no working ${name}`;
  throw new HullcastError('TOOL_MISSING', `${what} was found (${where})`, { hint: FIX[name] });
}

/** Finds all tools; throws TOOL_MISSING for the first that is not there. */
export async function findTools(run: Run, env: NodeJS.ProcessEnv = process.env): Promise<Tools> {
  const [ffmpeg, ffprobe, packager] = await Promise.all([
    findTool(run, 'ffmpeg', env),
    findTool(run, 'ffprobe', env),
    findTool(run, 'packager', env),
  ]);
  return { ffmpeg, ffprobe, packager };
}
