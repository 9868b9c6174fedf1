import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import { mpdWithThumbnails } from './dash.js';
import { masterWithThumbnails } from './hls.js';
import type { ThumbnailTrack } from './track.js';

/** Names the thumbnails in the finished manifests of the package in `root`. Throws PACKAGE_MANIFEST. */
export async function addThumbnails(track: ThumbnailTrack, root: string): Promise<void> {
  const edits = { [MANIFEST]: mpdWithThumbnails, [MASTER_PLAYLIST]: masterWithThumbnails };
  for (const [name, edit] of Object.entries(edits)) {
    const path = join(root, name);
    await writeFile(path, edit(await readFile(path, 'utf8'), track));
  }
}
