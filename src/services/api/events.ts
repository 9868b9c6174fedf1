import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import { callerOf } from './auth.js';
import type { Api, ApiContext } from './deps.js';
import { EventFeed } from './event-feed.js';
import { NO_STORE } from './openapi-operation.js';
import { apiEvent } from './present.js';
import type { Gap, Progress } from '../contract/index.js';
import { Bell, SSE_KEEP_ALIVE, sseFrame, sseRetry } from './sse.js';
import { findTitle, titleParams } from './titles.js';

const KEEP_ALIVE_MS = 15_000;
const RETRY_MS = 2000;

const streamHeaders = z.looseObject({
  'last-event-id': z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('id of the last event that was seen: the stream begins after it'),
});

/** Titles whose progress is told when a stream of all titles opens, at most: the newest. */
const MOST_RUNNING = 1000;
const PAGE = 200;

interface StreamOptions {
  feed: EventFeed;
  context: ApiContext;
  /** Only this title's. */
  titleId: string | undefined;
  /** Titles whose progress is told before it changes. */
  running: readonly string[];
  /** Events after this one. */
  after: number;
  /** Ends the stream. */
  signal: AbortSignal;
}

/**
 * The text of a stream, made as fast as it is taken: events by their place in the log, and of progress only what is
 * newest, so a client that reads slowly costs no memory. Progress waits for the events that a client has missed: after
 * them it is what is shown, before them some would undo it.
 */
async function* streamText(options: StreamOptions): AsyncGenerator<string> {
  const { feed, context, titleId, running, after, signal } = options;
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const progress = new Map<string, Progress>();
  const unwatch = context.director.watch((told) => {
    if (titleId !== undefined && told.titleId !== titleId) return;
    progress.set(told.titleId, told);
    ring();
  });
  const unlisten = feed.listen(ring);
  signal.addEventListener('abort', ring);
  try {
    yield sseRetry(RETRY_MS);
    for (const id of running) {
      const now = context.director.progress(id);
      if (now) progress.set(id, now);
    }
    for (let last = after, missed = 0; !signal.aborted;) {
      const { events, pruned } = await feed.after(last, titleId);
      if (pruned > missed) {
        yield sseFrame('gap', { after: last, until: pruned } satisfies Gap);
        missed = pruned;
      }
      for (const event of events) {
        yield sseFrame('title', apiEvent(event), event.id);
        last = event.id;
        if (titleId !== undefined && event.type === 'title.deleted') return;
      }
      if (events.length > 0) continue;
      const told = [...progress.values()];
      progress.clear();
      for (const one of told) yield sseFrame('progress', one);
      if (told.length === 0 && !(await bell.wait(KEEP_ALIVE_MS))) yield SSE_KEEP_ALIVE;
    }
  } finally {
    signal.removeEventListener('abort', ring);
    unlisten();
    unwatch();
  }
}

async function runningTitles({ db }: ApiContext): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await db.titles.list({
      ...{ states: ['running', 'cancelling'], limit: PAGE },
      ...(cursor === undefined ? {} : { cursor }),
    });
    ids.push(...page.titles.map(({ id }) => id));
    cursor = page.next;
    if (cursor === undefined || ids.length >= MOST_RUNNING) return ids;
  }
}

/** Event streams under way: how many there may be, and an end to all of them. */
class Streams {
  private readonly open = new Set<AbortController>();
  private readonly perToken = new Map<string, number>();

  constructor(private readonly context: ApiContext) {}

  /** Takes a place; it is free again when the signal's controller aborts. Throws STREAMS_FULL. */
  begin(tokenId: string): AbortController {
    const { streams, streamsPerToken, streamSeconds } = this.context.limits;
    const own = this.perToken.get(tokenId) ?? 0;
    if (this.open.size >= streams || own >= streamsPerToken) {
      const whose = own >= streamsPerToken ? 'with this token' : 'at once';
      throw new HullcastError('STREAMS_FULL', `too many event streams ${whose}`, {
        hint: 'Close some, or try again later.',
        transient: true,
      });
    }
    const controller = new AbortController();
    this.open.add(controller);
    this.perToken.set(tokenId, own + 1);
    const timer = setTimeout(() => controller.abort(), streamSeconds * 1000);
    controller.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      this.open.delete(controller);
      const left = this.perToken.get(tokenId)! - 1;
      if (left === 0) this.perToken.delete(tokenId);
      else this.perToken.set(tokenId, left);
    });
    return controller;
  }

  endAll(): void {
    for (const controller of [...this.open]) controller.abort();
  }
}

/** Events as they happen. */
export function eventRoutes(api: Api, context: ApiContext): void {
  const feed = new EventFeed(context.db.events, context.log);
  const streams = new Streams(context);
  api.addHook('preClose', (done) => {
    streams.endAll();
    done();
  });

  const stream = (
    request: FastifyRequest,
    reply: FastifyReply,
    place: Pick<StreamOptions, 'after' | 'running' | 'titleId'>,
  ): FastifyReply => {
    const taken = streams.begin(callerOf(request).id);
    reply.raw.once('close', () => taken.abort());
    if (reply.raw.destroyed) taken.abort(); // who left while the database was asked closes nothing more
    const text = streamText({ ...place, feed, context, signal: taken.signal });
    return reply
      .headers({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // Proxies that collect answers would hold events back.
        'x-accel-buffering': 'no',
      })
      .send(Readable.from(text, { objectMode: false, highWaterMark: 16 * 1024 }));
  };

  const stream200 = { description: 'events', content: { 'text/event-stream': { schema: z.string() } } };
  const unbuffered = { description: 'no', schema: { type: 'string' }, required: true };
  const schema = {
    ...{ tags: ['events'], headers: streamHeaders, response: { 200: stream200 } },
    'x-operation': {
      responses: { 200: { headers: { ...NO_STORE, 'X-Accel-Buffering': unbuffered } } },
    },
  };
  const description =
    'Server-sent events: `title` with the id and JSON of an event, `progress` with the progress of a running title, ' +
    'when the stream opens and whenever it changes, `gap` where some events after Last-Event-ID are no longer kept.';
  api.get(
    '/events',
    {
      exposeHeadRoute: false,
      config: { scope: 'read', streams: true },
      schema: { ...schema, summary: 'Events of all titles, from now on or after Last-Event-ID', description },
    },
    async (request, reply) => {
      const last = await context.db.events.last();
      // One that is not there yet was another database's.
      const after = Math.min(request.headers['last-event-id'] ?? last, last);
      return stream(request, reply, { after, running: await runningTitles(context), titleId: undefined });
    },
  );
  api.get(
    '/titles/:id/events',
    {
      exposeHeadRoute: false,
      config: { scope: 'read', streams: true },
      schema: {
        ...schema,
        summary: 'Events of a title, from its beginning or after Last-Event-ID',
        description,
        params: titleParams,
      },
    },
    async (request, reply) => {
      const { id } = await findTitle(context, request.params.id);
      const after = request.headers['last-event-id'] ?? 0;
      return stream(request, reply, { after, running: [id], titleId: id });
    },
  );
}
