import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { FirstWriter } from '../../src/storage/s3/first-writer.js';

/** A bucket that ignores conditions, and a writer whose every write takes `putMs` until it is there. */
class Bucket {
  readonly objects = new Map<string, Buffer>();

  writer(putMs: number) {
    const send = async (command: unknown): Promise<object> => {
      if (command instanceof PutObjectCommand) {
        await delay(putMs);
        this.objects.set(command.input.Key!, command.input.Body as Buffer);
      } else if (command instanceof DeleteObjectCommand) this.objects.delete(command.input.Key!);
      else throw new Error('not of use here');
      return {};
    };
    return new FirstWriter({ send } as unknown as S3Client, (key) => ({ bucket: 'b', key }));
  }
}

/** Writers that all begin while nothing is there, and whose writes land 20 ms after one another. */
async function race(settleMs: number | undefined): Promise<{ told: string[]; kept: string }> {
  const bucket = new Bucket();
  const writers = Array.from({ length: 6 }, (_, i) => bucket.writer(20 * (i + 1)));
  await Promise.all(writers.map((writer) => writer.isConditional()));
  const read = (): Promise<Buffer | undefined> => Promise.resolve(bucket.objects.get('k'));
  const told = await Promise.all(
    writers.map((writer, i) =>
      writer.put({ bucket: 'b', key: 'k' }, Buffer.from(`content ${i}`), read, settleMs),
    ),
  );
  return { told: told.map(String), kept: String(bucket.objects.get('k')) };
}

describe('the first writer on a server without conditional writes', () => {
  it('is told of its own data within a moment, where it does not wait', async () => {
    const { told, kept } = await race(undefined);
    expect(told).toEqual(['content 0', 'content 1', 'content 2', 'content 3', 'content 4', 'content 5']);
    expect(kept).toBe('content 5');
  });

  it('is told of what stays, where it waits for longer than another’s write takes', async () => {
    const { told, kept } = await race(400);
    expect(told).toEqual(told.map(() => kept));
  });

  it('does not wait where something is there', async () => {
    const bucket = new Bucket();
    const writer = bucket.writer(0);
    const read = (): Promise<Buffer | undefined> => Promise.resolve(Buffer.from('first'));
    const started = performance.now();
    const told = await writer.put({ bucket: 'b', key: 'k' }, Buffer.from('second'), read, 60_000);
    expect(String(told)).toBe('first');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
