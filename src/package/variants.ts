import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import type { BlobRef, Stage } from '../pipeline/index.js';
import { WATERMARK_FILE, type WatermarkRecord } from '../watermark/index.js';
import { IFRAME_PLAYLIST } from './packager/args.js';
import { folderOf, initName } from './packager/names.js';
import type { PackagedFile } from './types.js';

export interface VariantsParams {
  /** The title, its marked renditions as variant a. */
  a: PackagedFile[];
  /** The marked renditions as variant b, packaged alike. */
  b: PackagedFile[];
  /** What the title's record says, but for where the variants are. */
  record: Omit<WatermarkRecord, 'version' | 'renditions'> & {
    renditions: Pick<WatermarkRecord['renditions'][number], 'id' | 'width' | 'height'>[];
  };
}

export interface VariantsResult {
  /** All files of the title. */
  files: PackagedFile[];
}

function different(id: string, what: string): HullcastError {
  return new HullcastError('WATERMARK_VARIANTS', `rendition ${id}: its variants have different ${what}`, {
    hint: 'Players could not change from one to the other: please report this.',
  });
}

/** Where the variants of a rendition are, and what else differs. Throws WATERMARK_VARIANTS where they do not fit together. */
export function placeVariants({ a, b, record }: VariantsParams): {
  files: PackagedFile[];
  renditions: WatermarkRecord['renditions'];
} {
  const find = (files: readonly PackagedFile[], path: string): BlobRef | undefined =>
    files.find((file) => file.path === path)?.blob;
  const added: PackagedFile[] = [];
  const renditions = record.renditions.map((rendition) => {
    const { id } = rendition;
    const folder = folderOf('video', id);
    const init = `${folder}/${initName(0)}`;
    const inits = (files: readonly PackagedFile[]): string =>
      files
        .filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.mp4'))
        .map(({ path, blob }) => `${path} ${blob.sha256}`)
        .join();
    if (!find(a, init) || inits(a) !== inits(b)) throw different(id, 'init segments');
    const names = [...record.segmentStarts.map((_, n) => `${n + 1}.m4s`), IFRAME_PLAYLIST];
    for (const name of names) {
      const blob = find(b, `${folder}/${name}`);
      if (!blob || !find(a, `${folder}/${name}`)) throw different(id, 'segments');
      added.push({ path: `${folder}/b/${name}`, blob });
    }
    if (find(b, `${folder}/${names.length}.m4s`)) throw different(id, 'segments');
    return { ...rendition, init, folders: { a: folder, b: `${folder}/b` } };
  });
  return { files: [...a, ...added], renditions };
}

/**
 * Lays both variants of marked renditions into one title: a where the manifests look for segments, b beside it, and the
 * record that says so. Throws WATERMARK_VARIANTS.
 */
export const variantsStage: Stage<VariantsParams, VariantsResult> = {
  name: 'variants',
  version: 1,
  uses: [],
  async run(params, context) {
    const { files, renditions } = placeVariants(params);
    const record: WatermarkRecord = { version: 1, ...params.record, renditions };
    const path = join(context.scratch, WATERMARK_FILE);
    await writeFile(path, `${JSON.stringify(record, undefined, 2)}\n`);
    return { files: [...files, { path: WATERMARK_FILE, blob: await context.keep(path) }] };
  },
};
