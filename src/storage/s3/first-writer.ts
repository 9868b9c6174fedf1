import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isNotImplemented, isPreconditionFailed } from './errors.js';
import { type Target, putBuffer, putNewBuffer } from './upload.js';

/** How much longer than ours another's read and write of the same moment may take. */
const SLOWER = 4;

/** Stores data only where there is none yet, in the best way that the server has. */
export class FirstWriter {
  private conditional: Promise<boolean> | undefined;

  constructor(
    private readonly client: S3Client,
    /** Where a key for a trial lies. */
    private readonly trialTarget: (key: string) => Target,
  ) {}

  /**
   * Whether the server honours If-None-Match: of those that do not, some refuse it and others ignore it. Found out once,
   * by trying, which also shows that the bucket can be written.
   */
  isConditional(): Promise<boolean> {
    this.conditional ??= this.tryOut().catch((error: unknown) => {
      this.conditional = undefined; // an outage: to be asked again
      throw error;
    });
    return this.conditional;
  }

  /** `read` gives what is there; undefined where there is nothing. `settleMs`: see PutIfAbsentOptions. */
  async put(
    target: Target,
    data: Buffer,
    read: () => Promise<Buffer | undefined>,
    settleMs = 0,
  ): Promise<Buffer> {
    const conditional = await this.isConditional();
    for (;;) {
      if (conditional) {
        if (await this.stored(target, data)) return data;
      } else {
        const started = performance.now();
        const found = await read();
        if (found && settleMs === 0) return found;
        if (!found) await putBuffer(this.client, target, data);
        // Also where something was found: another who found nothing may be about to replace it. A server that is slow for
        // us is slow for the others.
        if (settleMs > 0) await delay(Math.max(settleMs, SLOWER * (performance.now() - started)));
      }
      const kept = await read();
      if (kept) return kept; // else it was deleted in between
    }
  }

  /** False where there was something. */
  private async stored(target: Target, data: Buffer): Promise<boolean> {
    try {
      await putNewBuffer(this.client, target, data);
      return true;
    } catch (error) {
      if (isPreconditionFailed(error)) return false;
      throw error;
    }
  }

  private async tryOut(): Promise<boolean> {
    const target = this.trialTarget(`trials/${randomUUID()}`);
    const data = Buffer.from('trial');
    try {
      await putBuffer(this.client, target, data);
      return !(await this.stored(target, data));
    } catch (error) {
      if (isNotImplemented(error)) return false;
      throw error;
    } finally {
      await this.client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: target.key }));
    }
  }
}
