import { backoffMs } from './backoff.js';
import { type SseMessage, type SseParser, createSseParser } from '../../../services/client/sse.js';

/** How the live connection stands. */
export type LiveState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'waiting'; retryMs: number; why: string }
  /** The server refused for a reason that does not pass by itself. */
  | { kind: 'refused'; why: string };

export interface FollowOptions {
  /** Opens the stream, after the given id where there is one; throws where the server cannot be reached. */
  open: (lastEventId: string, signal: AbortSignal) => Promise<Response>;
  onMessage: (message: SseMessage) => void;
  onState: (state: LiveState) => void;
  /** Ends it all, without another call back. */
  signal: AbortSignal;
  /** Waits, or returns early where there is hope again (the network is back) or the signal says stop. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  random?: () => number;
  /** A connection that gives not even a comment for this long is dead, whatever TCP believes. */
  silenceMs?: number;
}

/** Three of the server's comments that keep the connection alive. */
const SILENCE_MS = 45_000;

/** Statuses that trying again does not change: no or a wrong token, no right to it, no such title. */
const LASTING: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads one connection until the server ends it; throws where it breaks off or falls silent. */
async function read(
  body: ReadableStream<Uint8Array>,
  cut: (reason: Error) => void,
  silenceMs: number,
  onText: (text: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const timer = setTimeout(() => cut(new Error('nothing was heard for too long')), silenceMs);
    try {
      const { done, value } = await reader.read();
      if (done) return;
      onText(decoder.decode(value, { stream: true }));
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Connection {
  lastEventId: string;
  parser: SseParser;
  signal: AbortSignal;
  cut: (reason: Error) => void;
  onText: () => void;
}

/** One connection, from its beginning to its regular end. Gives why where the server refuses for good. */
async function connect(options: FollowOptions, connection: Connection): Promise<{ refused?: string }> {
  const { parser, signal } = connection;
  const response = await options.open(connection.lastEventId, signal);
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const why = `the server answered ${response.status}`;
    if (LASTING.has(response.status)) return { refused: why };
    throw new Error(why);
  }
  options.onState({ kind: 'live' });
  await read(response.body, connection.cut, options.silenceMs ?? SILENCE_MS, (text) => {
    connection.onText();
    for (const message of parser.push(text)) {
      if (signal.aborted) return;
      connection.lastEventId = message.lastEventId || connection.lastEventId;
      options.onMessage(message);
    }
  });
  return {};
}

/**
 * Follows a stream of server-sent events for as long as the signal allows: comes back after its end with the id of the
 * last event, so that the server can give what was missed, and waits longer each time it finds nobody. A stream that the
 * server ends after it gave something is no loss, and not told of: servers end long ones now and then. Resolves when it
 * was stopped or refused. (EventSource cannot send the Authorization header.)
 */
export async function follow(options: FollowOptions): Promise<void> {
  const { signal, onState, random = Math.random } = options;
  let lastEventId = '';
  /** Connections in a row that gave nothing or broke off. */
  let losses = 0;
  // A function, because narrowing would make the flag look constant across awaits.
  const stopped = (): boolean => signal.aborted;
  onState({ kind: 'connecting' });
  while (!stopped()) {
    const stop = new AbortController();
    const onStop = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', onStop, { once: true });
    let gave = false;
    const onText = (): void => {
      gave = true;
      losses = 0;
    };
    const cut = (reason: Error): void => stop.abort(reason);
    const parser = createSseParser();
    const connection: Connection = { lastEventId, parser, signal: stop.signal, cut, onText };
    let why = 'the server ended the stream';
    try {
      const { refused } = await connect(options, connection);
      if (refused !== undefined && !stopped()) return onState({ kind: 'refused', why: refused });
    } catch (error) {
      gave = false;
      why = textOf(error);
    } finally {
      signal.removeEventListener('abort', onStop);
      stop.abort();
      lastEventId = connection.lastEventId;
    }
    if (stopped()) return;
    if (!gave) losses += 1;
    const retryMs = backoffMs(Math.max(1, losses), random, parser.retryMs);
    if (!gave) onState({ kind: 'waiting', retryMs, why });
    await options.sleep(retryMs, signal);
  }
}
