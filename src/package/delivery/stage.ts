import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import type { PackagedFile } from '../types.js';
import { checkDelivered } from './check/index.js';
import { deliveredTexts, selectDevices, withCodecs } from './manifests.js';
import { markersFile } from './markers/merge.js';
import type { DeliverParams, DeliverResult } from './types.js';

/** File that all markers are in, beside the manifests. */
export const MARKERS_FILE = 'markers.json';

async function readManifests(
  files: readonly PackagedFile[],
  context: StageContext,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { path, blob } of files) {
    if (/\.(m3u8|mpd)$/.test(path)) texts.set(path, await readFile(await context.path(blob), 'utf8'));
  }
  for (const path of [MASTER_PLAYLIST, MANIFEST]) {
    if (texts.has(path)) continue;
    throw new HullcastError('PACKAGE_INPUT', `there is no ${path} to deliver`, {
      hint: 'Manifests for devices are made of those of the package.',
    });
  }
  return texts;
}

async function run(params: DeliverParams, context: StageContext): Promise<DeliverResult> {
  const texts = await readManifests(params.files, context);
  const plan = withCodecs(params, texts.get(MANIFEST)!);
  const { devices, findings } = selectDevices(plan);
  const written = deliveredTexts(plan, devices, texts);
  checkDelivered(plan, devices, texts, written);
  if (params.markers.length > 0) written.set(MARKERS_FILE, markersFile(params.markers, params));

  const files: PackagedFile[] = [];
  for (const [path, text] of written) {
    const temporary = join(context.scratch, `${files.length}`);
    await writeFile(temporary, text);
    files.push({ path, blob: await context.keep(temporary) });
    context.progress(files.length, written.size);
  }
  return {
    files,
    devices: devices.map(({ name, hls, dash, videos, audios, texts: subtitles }) => ({
      ...{ name, hls, dash, videos, audios, texts: subtitles },
    })),
    findings,
  };
}

/**
 * Makes of a package's manifests those that viewers get: for every class of devices, with markers, with several servers. Segments
 * are shared and never changed. Throws DELIVERY_UNSOUND where what was written does not hold against the plan.
 */
export const deliverStage: Stage<DeliverParams, DeliverResult> = {
  name: 'deliver',
  version: 3,
  uses: [],
  run,
};
