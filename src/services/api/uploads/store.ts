import type { Readable } from 'node:stream';
import { DataStore, Upload } from '@tus/server';
import type { Upload as Row, Uploads } from '../../../db/index.js';
import { HullcastError } from '../../../errors.js';
import type { ObjectStore } from '../../../storage/index.js';
import { type UploadBytes, uploadKey } from './bytes.js';

export function uploadNotFound(): HullcastError {
  return new HullcastError('UPLOAD_NOT_FOUND', 'there is no such upload');
}

/**
 * What tus sees: uploads as the database knows them, with their bytes. An upload is finished when the database says so,
 * and its object is in the store before that.
 */
export class UploadStore extends DataStore {
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration', 'checksum'];

  constructor(
    private readonly bytes: UploadBytes,
    private readonly rows: Uploads,
    private readonly objects: ObjectStore,
  ) {
    super();
  }

  override async create(upload: Upload): Promise<Upload> {
    await this.bytes.create(upload.id, upload.size ?? 0, upload.metadata ?? {});
    return upload;
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const row = await this.row(id);
    if (row.finishedAt !== undefined) return offset;
    const reached = await this.bytes.write(stream, id, offset);
    if (reached === row.bytes) await this.finish(row);
    return reached;
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.row(id);
    const upload = { id, size: row.bytes, creation_date: row.createdAt, metadata: { filename: row.name } };
    if (row.finishedAt !== undefined) return new Upload({ ...upload, offset: row.bytes });
    const partial = await this.bytes.get(id);
    if (partial && partial.offset < row.bytes) return new Upload({ ...upload, ...partial });
    // All there, and yet not finished: a crash came between. Nothing there: so it may be, after the object was made.
    if (!partial && (await this.objects.stat(uploadKey(id)))?.bytes !== row.bytes) throw uploadNotFound();
    await this.finish(row);
    return new Upload({ ...upload, offset: row.bytes });
  }

  /**
   * Bytes that a title needs stay, as the row does. Where others cannot be removed now, the database remembers them for the
   * sweep.
   */
  override async remove(id: string): Promise<void> {
    if (await this.rows.remove(id)) await this.removeBytes(id);
  }

  /** The same, unless it has got more time since it was found expired. False where it stays. */
  async removeExpired(id: string): Promise<boolean> {
    if (!(await this.rows.remove(id, { onlyExpired: true }))) return false;
    await this.removeBytes(id);
    return true;
  }

  private async removeBytes(id: string): Promise<void> {
    await this.bytes.remove(id);
    await this.rows.removed(id);
  }

  private async row(id: string): Promise<Row> {
    const row = await this.rows.get(id);
    if (!row) throw uploadNotFound();
    return row;
  }

  private async finish(row: Row): Promise<void> {
    await this.bytes.finish(row.id, row.bytes);
    await this.rows.finished(row.id);
    await this.bytes.forget(row.id);
  }
}
