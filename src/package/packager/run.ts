import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { timeLimitMs, withNamedPipe } from '../../media/index.js';
import type { StageContext } from '../../pipeline/index.js';
import { KEYS_PIPE, keysFlags } from '../drm/packager-args.js';
import { type Protection, secretsOf } from '../drm/protection.js';

/** Runs the packager over some renditions of so many frames, which it encrypts with the keys of `protection`. */
export async function runPackager(
  context: StageContext,
  args: string[],
  frames: number,
  protection: Protection | undefined,
  renditions: readonly { id: string }[],
): Promise<void> {
  const request = {
    file: context.tools.packager.path,
    args,
    cwd: context.scratch,
    timeoutMs: timeLimitMs(frames),
    signal: context.signal,
  };
  if (!protection) {
    await context.run(request);
    return;
  }
  const ids = renditions.map(({ id }) => id);
  const pipe = join(context.scratch, KEYS_PIPE);
  await withNamedPipe(context.run, pipe, keysFlags(protection, ids), () =>
    context.run({ ...request, secrets: secretsOf(protection) }),
  );
  await rm(pipe);
}
