import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import type { Run } from './run.js';

/** libvmaf's built-in models that a title may be scored with; the first one has to be there. */
export const VMAF_MODELS = ['vmaf_v0.6.1', 'vmaf_v0.6.1neg', 'vmaf_4k_v0.6.1', 'vmaf_4k_v0.6.1neg'] as const;

const FRAME = ['-f', 'lavfi', '-i', 'color=black:size=192x144:rate=1:duration=1'];

const LOG = 'vmaf.json';

/** Arguments of an ffmpeg that scores one black frame against itself with a built-in model. */
export function modelProbeArgs(model: string): string[] {
  const filter = `libvmaf=model=version=${model}:log_fmt=json:log_path=${LOG}`;
  return [
    '-hide_banner',
    '-nostdin',
    '-loglevel',
    'error',
    ...FRAME,
    ...FRAME,
    '-lavfi',
    filter,
    '-f',
    'null',
    '-',
  ];
}

/** libvmaf's version from its JSON log, e.g. `dea9a77`; undefined where the text is no such log. */
export function parseLibvmafVersion(log: string): string | undefined {
  return /"version":\s*"([^"]+)"/.exec(log)?.[1];
}

/**
 * libvmaf's version where this ffmpeg can score with the built-in model, undefined where it cannot. The filter's name in
 * `-filters` proves nothing: builds of 2018 list it and then look for a model file that is not there.
 */
export async function probeModel(run: Run, ffmpegPath: string, model: string): Promise<string | undefined> {
  // libvmaf writes to a file only: a child's standard output is a socket, which cannot be opened by name.
  const cwd = await mkdtemp(join(tmpdir(), 'hullcast-probe-'));
  try {
    await run({ file: ffmpegPath, args: modelProbeArgs(model), timeoutMs: 20_000, cwd });
    return parseLibvmafVersion(await readFile(join(cwd, LOG), 'utf8'));
  } catch (error) {
    // No such filter, option or model: that is the answer. A disk that is full is none.
    if (error instanceof HullcastError && error.code.startsWith('PROCESS_')) return undefined;
    throw error;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
