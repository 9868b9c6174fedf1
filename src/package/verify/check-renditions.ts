import { folderOf } from '../packager/names.js';
import { STORYBOARD } from '../thumbnails/track.js';
import type { AudioRendition, PackagedFile, VerifyParams, VideoInput } from '../types.js';
import {
  type Measured,
  checkDurations,
  checkIframes,
  checkRepresentation,
  checkSameFiles,
  checkVariant,
  measuredBandwidth,
} from './check-manifests.js';
import { checkEncryption } from './check-encryption.js';
import { checkDashColours, checkInitColour, checkVideoRanges } from './check-colour.js';
import { checkAudio, checkSameCuts, checkVideo } from './check-media.js';
import { checkThumbnails } from './check-thumbnails.js';
import { type OnDisk, readDisk } from './disk.js';
import type { Listed } from './listing.js';
import type { PackageView } from './package-view.js';
import { measuredTexts } from './text/bandwidth.js';

type Wanted =
  | { kind: 'video'; folder: string; video: VideoInput }
  | { kind: 'audio'; folder: string; audio: AudioRendition };

function wantedRenditions({ videos, audios }: VerifyParams): Wanted[] {
  return [
    ...videos.map((video): Wanted => ({ kind: 'video', folder: folderOf('video', video.id), video })),
    ...audios.map((audio): Wanted => ({ kind: 'audio', folder: folderOf('audio', audio.id), audio })),
  ];
}

interface Inspected {
  kind: 'video' | 'audio';
  listed: Listed;
  disk: OnDisk;
  measured: Measured;
}

/** Reads one rendition's segments and holds them against the plan and against both manifests. */
async function inspect(wanted: Wanted, seconds: number, view: PackageView): Promise<Inspected | undefined> {
  const { findings } = view;
  const { kind, folder } = wanted;
  const listed = view.hls.renditions.get(folder);
  const represented = view.dash.renditions.get(folder);
  if (!listed || !represented) {
    const where = [listed ? [] : 'HLS', represented ? [] : 'DASH'].flat().join(' and ');
    findings.add('rendition-missing', folder, `the rendition is not in ${where}`);
  }
  const described = listed ?? represented;
  if (!described) return undefined;
  const disk = await readDisk(described, kind, view.read, findings);
  if (wanted.kind === 'video') {
    checkVideo(described, disk, wanted.video, findings);
    checkInitColour(described, disk, wanted.video, findings);
  } else checkAudio(described, disk, wanted.audio, seconds, findings);

  const measured = {
    bandwidth: measuredBandwidth(described, disk),
    codec: disk.init?.tracks[0]?.codec ?? '',
  };
  if (listed) checkDurations('playlist-duration', listed, disk, findings);
  if (represented) {
    checkDurations('mpd-duration', represented, disk, findings);
    checkRepresentation(represented, measured, findings);
  }
  if (listed && represented) checkSameFiles(listed, represented, findings);
  return { kind, listed: described, disk, measured };
}

/** Segments that no manifest names would be published for nothing, or are missing from a playlist. */
function checkUnlisted(files: readonly PackagedFile[], { hls, dash, findings }: PackageView): void {
  const lists = [...hls.renditions.values(), ...dash.renditions.values(), ...hls.texts];
  const listed = new Set(lists.flatMap(({ segments }) => segments.map(({ path }) => path)));
  for (const { path } of files) {
    // The storyboard is for pages, which bring it to a player themselves.
    if (/\.(?:m4s|vtt)$/.test(path) && path !== STORYBOARD && !listed.has(path)) {
      findings.add('file-unlisted', path, 'it is in the package, but no playlist names it');
    }
  }
}

/** All checks that read segments but decode nothing. `seconds` is the title's length. */
export async function checkRenditions(
  params: VerifyParams,
  seconds: number,
  view: PackageView,
): Promise<void> {
  const { hls, findings } = view;
  const inspected = new Map<string, Inspected>();
  for (const wanted of wantedRenditions(params)) {
    const found = await inspect(wanted, seconds, view);
    if (found) inspected.set(wanted.folder, found);
  }
  const all = [...inspected.values()];
  checkSameCuts(
    all.filter(({ kind }) => kind === 'video'),
    findings,
  );
  const measured = new Map([
    ...all.map((each) => [each.listed.file, each.measured] as const),
    ...measuredTexts(hls.texts, params.files),
  ]);
  for (const variant of hls.variants) {
    if (!variant.iframesOnly) checkVariant(variant, measured, findings);
  }
  const disks = new Map([...inspected].map(([folder, { disk }]) => [folder, disk]));
  checkVideoRanges(hls.variants, disks, findings);
  checkDashColours(view.dash.colours, disks, findings);
  for (const list of hls.iframes) checkIframes(list, hls.renditions, disks, findings);
  checkUnlisted(params.files, view);
  await checkThumbnails(seconds, view);
  await checkEncryption(params, view.protection, view, disks);
}
