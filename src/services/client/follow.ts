import { HullcastError } from '../../errors.js';
import { type ApiTitle, type Progress, eventSchema, progressSchema } from '../contract/index.js';
import { WORK_PATIENCE, pause } from './backoff.js';
import { type EventStream, type EventStreamOptions, openEventStream } from './event-stream.js';
import { type Connection, readAs } from './http.js';
import type { SseMessage } from './sse.js';
import { getTitle } from './titles.js';

export interface FollowOptions {
  /** Told of the title when it is first seen and whenever its state or attempt has changed. */
  onTitle?: ((title: ApiTitle) => void) | undefined;
  /** Told how far it is, as often as the server says so. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Told when the server cannot be reached, before it is tried again. */
  onInterruption?: ((error: HullcastError, pauseMs: number) => void) | undefined;
  /** Pause before looking again where the events have ended or cannot be had, milliseconds. */
  pollMs?: number | undefined;
  /** Silence after which the events are asked for anew, milliseconds. */
  silenceMs?: number | undefined;
}

const POLL_MS = 2000;

const ORDER = { queued: 0, running: 1, cancelling: 2, done: 3, failed: 3, cancelled: 3 } as const;

export function hasEnded({ state }: Pick<ApiTitle, 'state'>): boolean {
  return ORDER[state] === ORDER.done;
}

type Moment = Pick<ApiTitle, 'attempt' | 'state'>;

/** True where `next` comes after `known` in a title's life. Clocks have no say: servers' may differ. */
export function isLater(known: Moment | undefined, next: Moment): boolean {
  if (known === undefined || next.attempt > known.attempt) return true;
  return next.attempt === known.attempt && ORDER[next.state] > ORDER[known.state];
}

/**
 * Follows a title until it has ended, by server-sent events as far as they can be had and by asking where not; cut
 * connections and restarts of the server are lived through. Throws what the server says no with, and SERVER_UNREACHABLE:
 * within seconds at first, later after some ten minutes without it.
 */
export async function followTitle(
  connection: Connection,
  id: string,
  options: FollowOptions = {},
): Promise<ApiTitle> {
  const { onTitle, onProgress, onInterruption, pollMs = POLL_MS, silenceMs } = options;
  const patient = { ...connection, patience: WORK_PATIENCE, onRetry: onInterruption };
  const path = `/v1/titles/${encodeURIComponent(id)}/events`;
  const place: Place = { lastEventId: '', pauseMs: pollMs, streaming: true };
  let known: ApiTitle | undefined;
  const learn = (title: ApiTitle): void => {
    if (title.id !== id || !isLater(known, title)) return;
    known = title;
    onTitle?.(title);
  };
  const take = ({ event, data }: SseMessage): void => {
    if (event === 'title') learn(readAs(connection.server, 'event', eventSchema, data).data);
    if (event !== 'progress') return;
    const progress = readAs(connection.server, 'report of progress', progressSchema, data);
    if (progress.titleId === id) onProgress?.(progress);
  };
  const ended = (): ApiTitle | undefined => (known !== undefined && hasEnded(known) ? known : undefined);
  for (;;) {
    const from = { path, lastEventId: place.lastEventId, silenceMs };
    const stream = place.streaming ? await openIfPossible(connection, from, place) : undefined;
    try {
      // Asked once the events are coming, so that whatever happens from now on is among them. A server that was never
      // there is told of soon; one that goes away is waited for.
      learn(await getTitle(known ? patient : connection, id));
      if (stream && !ended())
        await read(connection, stream, place, (message) => {
          take(message);
          return ended() === undefined;
        });
    } finally {
      stream?.close();
    }
    const title = ended();
    if (title) return title;
    await pause(place.pauseMs, connection.signal);
  }
}

/** Where to go on when the events have broken off. */
interface Place {
  lastEventId: string;
  pauseMs: number;
  /** False once it is plain that this server gives no events. */
  streaming: boolean;
}

/** What is wrong with the events alone stops nothing: the title is asked for all the same, and that says what is wrong. */
function setAside(error: unknown, { signal }: Connection, place: Place): void {
  if (signal.aborted || !(error instanceof HullcastError)) throw error;
  if (!error.transient) place.streaming = false;
}

async function openIfPossible(
  connection: Connection,
  from: EventStreamOptions,
  place: Place,
): Promise<EventStream | undefined> {
  try {
    return await openEventStream(connection, from);
  } catch (error) {
    setAside(error, connection, place);
    return undefined;
  }
}

/** Takes events until `take` says that it is enough, or they break off. */
async function read(
  connection: Connection,
  stream: EventStream,
  place: Place,
  take: (message: SseMessage) => boolean,
): Promise<void> {
  try {
    for await (const message of stream.events) {
      if (!take(message)) return;
    }
  } catch (error) {
    setAside(error, connection, place);
  } finally {
    place.lastEventId = stream.lastEventId();
    place.pauseMs = Math.min(stream.retryMs() ?? place.pauseMs, WORK_PATIENCE.longestMs);
  }
}
