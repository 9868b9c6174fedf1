import type { Pruned } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import { plural } from '../../report/index.js';
import type { CommandContext } from '../context.js';
import { hasDatabase, withDatabase } from './database.js';
import { DAY_MS } from './units.js';

const DEFAULT_DAYS = 90;

export interface HistoryOptions {
  home: string;
  /** What is older goes; of DEFAULT_DAYS unless given. */
  maxAgeMs: number | undefined;
  dryRun: boolean;
}

/**
 * Removes old events and deliveries from the database, where there is one. One in the home that `serve` uses at this
 * moment is left as it is, and that is said, unless somebody asked for it: then it throws DB_BUSY.
 */
export async function pruneHistory(context: CommandContext, options: HistoryOptions): Promise<void> {
  const { home, maxAgeMs, dryRun } = options;
  if (!(await hasDatabase(context, home))) return;
  const olderThanSeconds = (maxAgeMs ?? DEFAULT_DAYS * DAY_MS) / 1000;
  const { out, json, signal } = context;
  try {
    const removed = await withDatabase(context, home, ({ history }) =>
      history.prune({ olderThanSeconds, dryRun, signal }),
    );
    if (json) out.json({ type: 'history', dryRun, removed });
    else out.result(historyText(removed, dryRun));
  } catch (error) {
    const busy = error instanceof HullcastError && error.code === 'DB_BUSY';
    if (!busy || maxAgeMs !== undefined) throw error;
    out.note(`Events and webhooks were left: ${error.message}.`);
  }
}

function historyText({ events, deliveries }: Pruned, dryRun: boolean): string {
  const what = `${plural(events, 'event')} and ${plural(deliveries, 'webhook')}`;
  return `${dryRun ? 'Would remove' : 'Removed'} ${what} from the database.`;
}
