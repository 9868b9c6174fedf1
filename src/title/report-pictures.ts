import type { ImagesResult } from '../images/index.js';
import type { BlobRef } from '../pipeline/index.js';
import type { Pictures } from '../report/index.js';

/** A larger first sheet is not shown in the report, which carries its pictures itself. */
const MOST_BYTES = 256 * 1024;

/** The pictures that the report of a title shows: every poster in its smallest size, and a small sheet of thumbnails. */
export async function reportPictures(
  result: ImagesResult | undefined,
  read: (blob: BlobRef) => Promise<Buffer>,
): Promise<Pictures> {
  const pictures = new Map<string, string>();
  if (!result) return pictures;
  const { posters, thumbnails } = result.images;
  const smallest = posters.flatMap(
    ({ files }) => files.filter(({ path }) => path.endsWith('.jpg')).at(-1)?.path ?? [],
  );
  for (const path of [...smallest, ...(thumbnails?.sheets.slice(0, 1) ?? [])]) {
    const file = result.files.find((each) => each.path === path);
    if (!file || file.blob.bytes > MOST_BYTES) continue;
    pictures.set(path, `data:image/jpeg;base64,${(await read(file.blob)).toString('base64')}`);
  }
  return pictures;
}
