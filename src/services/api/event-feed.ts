import type { Logger } from 'pino';
import type { Events, TitleEvent } from '../../db/index.js';

const BATCH = 200;
/** Events that are kept in memory for who is not far behind. */
const KEPT = 1000;

/** What a reader gets. */
export interface FeedPage {
  /** The oldest first; some of them where they are many. */
  events: TitleEvent[];
  /** Id of the newest event that is no longer kept; 0 where the reader misses none of those. */
  pruned: number;
}

/**
 * The log of events, read once for all who listen, and only while somebody does. Who is up to date reads from memory;
 * who comes back after a long time reads from the database.
 */
export class EventFeed {
  private readonly listeners = new Set<() => void>();
  private recent: TitleEvent[] = [];
  /** Every event with a greater id, as far as it is known, is in `recent`. */
  private from: number | undefined;
  private stop: (() => void) | undefined;
  /** Looks happen one after the other; none is needed while one waits to begin. */
  private looking: Promise<void> = Promise.resolve();
  private due = false;

  constructor(
    private readonly events: Events,
    private readonly log: Logger,
  ) {}

  /** Calls back when there are new events. Gives what ends that. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (!this.stop) {
      this.stop = this.events.changed(() => this.lookSoon());
      this.lookSoon();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = undefined;
      this.from = undefined;
      this.recent = [];
    };
  }

  /** Events after `id`, of one title where it is named, of which nothing is missed that matters: its end is always kept. */
  async after(id: number, titleId?: string): Promise<FeedPage> {
    if (this.from !== undefined && id >= this.from) {
      const newer = this.recent.filter(
        (event) => event.id > id && (titleId ?? event.titleId) === event.titleId,
      );
      return { events: newer.slice(0, BATCH), pruned: 0 };
    }
    const of = titleId === undefined ? {} : { titleId };
    const events = await this.events.after(id, { ...of, limit: BATCH });
    // Asked afterwards: what is removed between the two questions is told of once too often rather than never.
    const pruned = titleId === undefined ? await this.events.pruned() : 0;
    return { events, pruned: pruned > id ? pruned : 0 };
  }

  private lookSoon(): void {
    if (this.due) return;
    this.due = true;
    this.looking = this.looking.then(async () => {
      this.due = false;
      // The database is away: it calls again when it is back.
      await this.look().catch((error: unknown) => this.log.warn({ err: error }, 'events not readable'));
    });
  }

  private async look(): Promise<void> {
    const begun = this.stop;
    const from = this.from ?? (await this.events.last());
    for (let last = this.recent.at(-1)?.id ?? from; ;) {
      const found = await this.events.after(last, { limit: BATCH });
      // Everybody left meanwhile, and perhaps somebody else came: then another look begins anew.
      if (begun === undefined || this.stop !== begun) return;
      this.from ??= from;
      if (found.length === 0) break;
      last = found.at(-1)!.id;
      this.recent.push(...found);
      const dropped = this.recent.splice(0, Math.max(0, this.recent.length - KEPT)).at(-1);
      if (dropped) this.from = dropped.id;
    }
    for (const listener of this.listeners) listener();
  }
}
