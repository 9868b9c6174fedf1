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

/**
 * Six writers that begin while nothing is there, and whose writes land 20 ms after one another; two more that come in
 * between, and find something.
 */
async function race(settleMs: number | undefined): Promise<{ told: string[]; kept: string }> {
  const bucket = new Bucket();
  const writers = Array.from({ length: 8 }, (_, i) => bucket.writer(20 * (i + 1)));
  await Promise.all(writers.map((writer) => writer.isConditional()));
  const read = (): Promise<Buffer | undefined> => Promise.resolve(bucket.objects.get('k'));
  const put = async (writer: FirstWriter, i: number): Promise<string> => {
    if (i >= 6) await delay(20 * (i - 4) + 10);
    return String(await writer.put({ bucket: 'b', key: 'k' }, Buffer.from(`content ${i}`), read, settleMs));
  };
  const told = await Promise.all(writers.map(put));
  return { told, kept: String(bucket.objects.get('k')) };
}

describe('the first writer on a server without conditional writes', () => {
  it('is told of its own data within a moment, where it does not wait', async () => {
    const { told, kept } = await race(undefined);
    expect(told.slice(0, 6)).toEqual(Array.from({ length: 6 }, (_, i) => `content ${i}`));
    expect(kept).toBe('content 5');
    expect(told.slice(6)).not.toContain(kept);
  });

  it('is told of what stays, where it waits for longer than another’s write takes', async () => {
    const { told, kept } = await race(400);
    expect(told).toEqual(told.map(() => kept));
  });

  it('waits longer on a server that is slow', async () => {
    // Every write takes longer than the time that was given. The third writer's takes half of what the last one's does.
    const { told, kept } = await race(1);
    expect(told.slice(2, 6)).toEqual(['content 5', 'content 5', 'content 5', 'content 5']);
    expect(kept).toBe('content 5');
  });
});
