import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toneMapTable, TONE_MAP_TABLE } from '../chunker/index.js';
import { HullcastError } from '../errors.js';
import { framesMemory } from '../ingest/index.js';
import { type FrameSource, toNumber } from '../media/index.js';
import {
  IMAGE_FOLDER,
  type PackagedFile,
  STORYBOARD,
  THUMBNAIL_PLAYLIST,
  type ThumbnailTrack,
  sheetPath,
  storyboard,
  thumbnailPlaylist,
} from '../package/index.js';
import type { Stage, StageContext } from '../pipeline/index.js';
import { choosePosters } from './choose.js';
import { imageEncoder } from './encoder.js';
import { type Grid, gridOf, timesIn } from './grid.js';
import { judge } from './judge.js';
import type { Pixels } from './pixels.js';
import { makePosters } from './posters.js';
import { makePreview } from './preview.js';
import { previewPieces } from './preview-plan.js';
import { scan } from './scan.js';
import { SheetWriter } from './sheets.js';
import { sheetGrid, tileSize } from './sizes.js';
import type { ImagesParams, ImagesResult, TitleImages } from './types.js';

/** Times at which posters are looked for, where there are no thumbnails, ms apart; the grid makes them finer. */
const WITHOUT_THUMBNAILS_MS = 5000;

async function checkEncoder({ encoder }: ImagesParams): Promise<void> {
  const own = await imageEncoder();
  if (encoder === own) return;
  throw new HullcastError(
    'TOOLS_DIFFER',
    `stage images: this worker (${own}) is not of the version that plans the title (${encoder})`,
    { hint: 'Run the same version of hullcast on every machine.', transient: true },
  );
}

/** Thumbnails of a title of one grid: how many, and how they lie in sheets. */
function trackOf({ picture }: ImagesParams, { stepMs, divisions }: Grid): Omit<ThumbnailTrack, 'sheets'> {
  const { frames, fps } = picture;
  const count = Math.ceil(timesIn(frames, { stepMs, divisions }, fps) / divisions);
  return { ...tileSize(picture), ...sheetGrid(count), intervalMs: stepMs, count, frames, fps };
}

/** Writes storyboard and playlist beside the sheets. */
async function finishThumbnails(
  planned: Omit<ThumbnailTrack, 'sheets'>,
  paths: readonly string[],
  scratch: string,
): Promise<ThumbnailTrack> {
  const sheets = await Promise.all(
    paths.map(async (path, index) => ({ path: sheetPath(index), bytes: (await stat(path)).size })),
  );
  const track = { ...planned, sheets };
  await writeFile(join(scratch, STORYBOARD), storyboard(track));
  await writeFile(join(scratch, THUMBNAIL_PLAYLIST), thumbnailPlaylist(track));
  return track;
}

function thumbnailFacts(track: ThumbnailTrack): NonNullable<TitleImages['thumbnails']> {
  const { width, height, columns, rows, intervalMs, count, sheets } = track;
  return {
    ...{ width, height, columns, rows, intervalSeconds: intervalMs / 1000, count },
    sheets: sheets.map(({ path }) => path),
    bytes: sheets.reduce((sum, { bytes }) => sum + bytes, 0),
    ...{ storyboard: STORYBOARD, playlist: THUMBNAIL_PLAYLIST },
  };
}

async function keepAll(folder: string, context: StageContext): Promise<PackagedFile[]> {
  const names = (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  const files: PackagedFile[] = [];
  for (const name of names) {
    files.push({ path: `${IMAGE_FOLDER}/${basename(name)}`, blob: await context.keep(join(folder, name)) });
  }
  return files;
}

async function run(params: ImagesParams, context: StageContext): Promise<ImagesResult> {
  await checkEncoder(params);
  const { picture, shots, mapping, thumbnailMs } = params;
  const { frames, fps, demuxer, videoStream, colour } = picture;
  const folder = join(context.scratch, IMAGE_FOLDER);
  await mkdir(folder);
  if (mapping) await writeFile(join(context.scratch, TONE_MAP_TABLE), toneMapTable(mapping));
  const pixels: Pixels = { colour, ...(mapping ? { mapping } : {}) };
  const source: FrameSource = { path: await context.path(picture.blob), demuxer, videoStream, frames, fps };

  const grid = gridOf(frames, fps, thumbnailMs ?? WITHOUT_THUMBNAILS_MS);
  const planned = trackOf(params, grid);
  const sheets = thumbnailMs === undefined ? undefined : new SheetWriter(planned, planned, folder);
  const samples = await scan(source, grid, pixels, planned, sheets, context);
  const track = sheets && (await finishThumbnails(planned, await sheets.finish(), context.scratch));

  const judged = judge(samples, shots, toNumber(fps));
  const posters = await makePosters(choosePosters(judged, params.posters), params, pixels, folder, context);
  const preview = await makePreview(previewPieces(shots, judged, fps), params, pixels, folder, context);
  const images: TitleImages = { ...(track ? { thumbnails: thumbnailFacts(track) } : {}), posters, preview };
  const json = { schemaVersion: 1, frames, fps: `${fps.num}/${fps.den}`, ...images };
  await writeFile(join(folder, 'images.json'), `${JSON.stringify(json, undefined, 2)}\n`);
  context.progress(frames, frames);
  return { images, ...(track ? { thumbnails: track } : {}), files: await keepAll(folder, context) };
}

/** Frames in the process that decodes a piece of the preview; no other has more. */
const HELD_FRAMES = 11;

/**
 * Makes the images of a title: thumbnails, posters and a preview (docs/images.md). One pass over the picture finds them;
 * posters and preview are then read from the chunks that hold them. Throws IMAGES_FRAMES, TOOLS_DIFFER and as ffmpeg does.
 */
export const imagesStage: Stage<ImagesParams, ImagesResult> = {
  name: 'images',
  version: 2,
  uses: ['ffmpeg'],
  memory: ({ picture }) => framesMemory(picture, HELD_FRAMES),
  run,
};
