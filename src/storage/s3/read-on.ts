import type { Readable } from 'node:stream';
import { Truncated } from './errors.js';
import type { Patience } from './patience.js';

/** A response's body that can be asked for again from where it broke off. */
export interface Resumable {
  body: Readable;
  /** Bytes that the body has to give. */
  bytes: number;
  /** Asks for the bytes after the first `done`. */
  resume: (done: number) => Promise<Readable>;
}

/** The bytes of a body to their end, whatever happens to the connection. */
export async function* readOn(
  { body: first, bytes, resume }: Resumable,
  patience: Patience,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const attempts = patience.attempts();
  let done = 0;
  let body: Readable | undefined = first;
  for (;;) {
    try {
      body ??= await resume(done);
      for await (const data of body) {
        done += (data as Buffer).length;
        onBytes?.((data as Buffer).length);
        attempts.progress();
        yield data as Buffer;
      }
      if (done === bytes) return;
      throw new Truncated(`${done} of ${bytes} bytes came`);
    } catch (error) {
      body = undefined;
      await attempts.again(error);
    }
  }
}
