import { HullcastError } from '../../errors.js';
import { type Connection, authorization, linkedSignal, urlOf } from './http.js';
import { timedOut, unreachable } from './network-error.js';
import { problemOf } from './problem.js';
import { type SseMessage, createSseParser } from './sse.js';

/** A stream that says nothing, not even a comment, for so long is taken for dead. */
const SILENCE_MS = 60_000;

/** One connection to a stream of server-sent events. */
export interface EventStream {
  /** Ends when the server ends it; throws SERVER_UNREACHABLE where it is cut, SERVER_TIMEOUT where it falls silent. */
  events: AsyncIterable<SseMessage>;
  /** What `Last-Event-ID` should be next time. */
  lastEventId(): string;
  /** Milliseconds to wait before that, where the server said so. */
  retryMs(): number | undefined;
  /** Lets go of the connection; to be called whatever happened. */
  close(): void;
}

export interface EventStreamOptions {
  path: string;
  /** Goes on after this event; from now on where it is empty. */
  lastEventId: string;
  silenceMs?: number | undefined;
}

/** Aborts when it has not been fed for `ms`. */
function watchdog(ms: number, bite: () => void): { feed: () => void; stop: () => void } {
  let timer = setTimeout(bite, ms);
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    feed: () => {
      stop();
      timer = setTimeout(bite, ms);
    },
  };
}

/** Opens a stream. Throws like `send`, but tries once; SERVER_ANSWER where something else than events comes. */
export async function openEventStream(
  connection: Connection,
  { path, lastEventId, silenceMs = SILENCE_MS }: EventStreamOptions,
): Promise<EventStream> {
  const { server } = connection;
  const { signal, cut, release } = linkedSignal(connection.signal);
  const dog = watchdog(silenceMs, () => cut(timedOut(server, silenceMs)));
  const close = (): void => {
    dog.stop();
    release();
    cut(new Error('closed'));
  };
  /** What a broken read means: the reason of whoever aborted it, or the network's. */
  const meaning = (error: unknown): unknown => {
    if (signal.aborted) return signal.reason;
    return error instanceof HullcastError ? error : unreachable(server, error);
  };
  try {
    const response = await fetch(urlOf(connection, { path }), {
      headers: {
        accept: 'text/event-stream',
        ...authorization(connection),
        ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
      },
      redirect: 'manual',
      signal,
    });
    await checkStream(server, response);
    const parser = createSseParser(lastEventId);
    return {
      events: readEvents(response, (text) => parser.push(text), dog.feed, meaning),
      lastEventId: () => parser.lastEventId,
      retryMs: () => parser.retryMs,
      close,
    };
  } catch (error) {
    const thrown = meaning(error);
    close();
    throw thrown;
  }
}

async function checkStream(server: string, response: Response): Promise<void> {
  const { ok, status, headers } = response;
  const type = headers.get('content-type') ?? 'nothing';
  if (ok && type.startsWith('text/event-stream')) return;
  if (!ok) {
    const body = await response.text();
    throw problemOf(server, { status, body, header: (name) => headers.get(name) });
  }
  throw new HullcastError('SERVER_ANSWER', `${server} gave ${type} where events were asked for`, {
    hint: 'Something between here and hullcast gave this answer.',
  });
}

async function* readEvents(
  { body }: Response,
  parse: (text: string) => SseMessage[],
  feed: () => void,
  meaning: (error: unknown) => unknown,
): AsyncGenerator<SseMessage> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const read = await reader?.read().catch((error: unknown) => {
      throw meaning(error);
    });
    if (read === undefined || read.done) return;
    feed();
    yield* parse(decoder.decode(read.value, { stream: true }));
  }
}
