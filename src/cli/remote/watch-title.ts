import { HullcastError } from '../../errors.js';
import { plainText } from '../../report/index.js';
import type { ApiTitle } from '../../services/contract/index.js';
import { hasEnded, titleFailure } from '../../services/client/index.js';
import type { CommandContext } from '../context.js';
import { createDisplay } from '../display.js';
import { type Remote } from './connect.js';
import { notice } from './notice.js';
import { nextCommand, outcomeText, titleLine } from './title-text.js';

/** Interruptions are told of once, and again where they last. */
const TELL_AGAIN_MS = 60_000;

/**
 * Shows how far a title is until it has ended, and what came out. Resolves where it is done; throws its own error where
 * it failed, TITLE_CANCELLED where somebody cancelled it. Stopped by a signal, it leaves the title alone.
 */
export async function watchTitle(context: CommandContext, remote: Remote, id: string): Promise<void> {
  const { out, json, signal } = context;
  const title = await followShown(context, remote, id).catch((error: unknown) => {
    if (signal.aborted)
      out.note(`The title goes on. Watch it: ${nextCommand('watch', id, remote.serverArgs)}`);
    throw error;
  });
  if (json) out.json({ type: 'title', ...title });
  if (title.state !== 'done') throw endError(title, remote);
  if (!json) out.result(outcomeText(title, remote.server));
}

/** Why a title that has ended is not done. */
export function endError(title: ApiTitle, { serverArgs }: Pick<Remote, 'serverArgs'>): HullcastError {
  const name = plainText(title.name);
  if (title.state === 'failed' && title.error) return titleFailure(name, title.error);
  return new HullcastError('TITLE_CANCELLED', `${name} was cancelled`, {
    hint: `Begin it again: ${nextCommand('retry', title.id, serverArgs)}`,
  });
}

async function followShown(context: CommandContext, { client }: Remote, id: string): Promise<ApiTitle> {
  const { out, json } = context;
  const display = createDisplay(context);
  let toldMs = -Infinity;
  try {
    return await client.follow(id, {
      onTitle: (title) => {
        if (hasEnded(title)) return; // told at the end, after the display
        if (json) out.json({ type: 'title', ...title });
        else out.note(titleLine(title));
      },
      onProgress: (progress) => display.progress(progress),
      onInterruption: ({ message }) => {
        if (performance.now() - toldMs < TELL_AGAIN_MS) return;
        toldMs = performance.now();
        notice(context, `${message}; trying again`);
      },
    });
  } finally {
    display.close();
  }
}
