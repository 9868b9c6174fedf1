import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MASTER_PLAYLIST } from '../packager/args.js';
import { masterWithThumbnails } from './hls.js';
import type { ThumbnailTrack } from './track.js';

/** Names the thumbnails in the finished master playlist of the package in `root`. */
export async function addThumbnails(track: ThumbnailTrack, root: string): Promise<void> {
  const path = join(root, MASTER_PLAYLIST);
  await writeFile(path, masterWithThumbnails(await readFile(path, 'utf8'), track));
}
