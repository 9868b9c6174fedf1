import { HullcastError } from '../../errors.js';
import { plainText } from '../../report/index.js';
import type { ApiTitle } from '../../services/contract/index.js';
import type { CommandContext } from '../context.js';
import { titleLine } from './title-text.js';

/** What is done with each title, and what to wait for once it is done with all of them. */
export interface TitleWork {
  act: (id: string) => Promise<ApiTitle>;
  wait?: ((id: string) => Promise<ApiTitle>) | undefined;
}

/**
 * Does something with each of several titles, and tells of each what it is then. What fails for one does not keep it
 * from the others. Throws the error where one title was named, TITLES_FAILED where some of several failed.
 */
export async function forEachTitle(
  context: CommandContext,
  ids: readonly string[],
  { act, wait }: TitleWork,
): Promise<void> {
  const wanted = [...new Set(ids)];
  const failed: string[] = [];
  /** False where it failed, which has been told. */
  const succeeds = async (id: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (wanted.length === 1 || context.signal.aborted || !(error instanceof HullcastError)) throw error;
      tellFailure(context, id, error);
      failed.push(`${id} (${error.code})`);
      return false;
    }
  };
  const waiting: string[] = [];
  for (const id of wanted) {
    const done = await succeeds(id, async () => {
      const title = await act(id);
      if (!wait) tellTitle(context, title);
    });
    if (done) waiting.push(id);
  }
  if (wait) {
    const waits = waiting.map((id) => succeeds(id, async () => tellTitle(context, await wait(id))));
    await Promise.all(waits);
  }
  if (failed.length === 0) return;
  throw new HullcastError(
    'TITLES_FAILED',
    `${failed.length} of ${wanted.length} titles: ${failed.join(', ')}`,
    {
      hint: 'What is wrong with each is said above; nothing else is.',
    },
  );
}

function tellTitle({ out, json }: CommandContext, title: ApiTitle): void {
  if (json) out.json({ type: 'title', ...title });
  else out.result(`${plainText(title.id)}  ${titleLine(title)}`);
}

function tellFailure({ out, json }: CommandContext, id: string, error: HullcastError): void {
  const { code, message, hint } = error;
  if (json) out.json({ type: 'failure', id, code, message, hint: hint ?? null });
  else out.note(`${id}: ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}
