import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';

/** After an early answer, so much longer may a client go on sending before its connection is closed. */
const LINGER_MS = 10_000;

/**
 * The bytes of a request, as they are asked for. A connection that is lost is the end of them, not an error: what has
 * come is kept, and the client goes on from there. So it is when `signal` says that the server is being stopped. Nobody
 * who stops reading destroys the connection, which is still needed for the answer.
 */
export function bodyStream(raw: IncomingMessage, signal: AbortSignal): ReadableStream<Uint8Array> {
  const chunks = raw.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const end = { done: true as const, value: undefined };
  // (A race with one promise that lives as long as the request would keep every chunk in memory.)
  const next = (): Promise<IteratorResult<Buffer>> =>
    new Promise((resolve) => {
      const stop = (): void => resolve(end);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop);
      void chunks
        .next()
        .catch(() => end)
        .then((result) => {
          signal.removeEventListener('abort', stop);
          resolve(result);
        });
    });
  return pulled({
    next,
    return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
  });
}

/** The bytes of a file, as they are asked for. */
export function fileStream(path: string): ReadableStream<Uint8Array> {
  return pulled(createReadStream(path)[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
}

/** (Node's own conversion reads ahead by as many chunks as a stream's high-water mark has bytes.) */
function pulled(chunks: AsyncIterator<Buffer>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Reads on what a refused request still sends, so that the client gets to read the answer and can use its connection
 * again; closes it where that takes long.
 */
export function discardRest(raw: IncomingMessage): void {
  if (raw.complete || raw.destroyed) return;
  raw.resume();
  const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS);
  raw.once('close', () => clearTimeout(timer));
}
