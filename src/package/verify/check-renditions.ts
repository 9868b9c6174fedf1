import { playedSeconds } from '../../conformance/index.js';
import { isDashOnly } from '../audio/codecs.js';
import { MANIFEST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import { STORYBOARD } from '../thumbnails/track.js';
import type { AudioRendition, PackagedFile, VerifyParams, VideoInput } from '../types.js';
import { checkColour } from './check-colour.js';
import { checkEncryption } from './check-encryption.js';
import { type ListedTrack, checkAudio, checkVideo } from './check-media.js';
import { checkThumbnails } from './check-thumbnails.js';
import type { Findings } from './findings.js';
import { type Listed, initOf, initsOf } from './listing.js';
import type { PackageView } from './package-view.js';

type Wanted =
  | { kind: 'video'; folder: string; video: VideoInput }
  | { kind: 'audio'; folder: string; audio: AudioRendition };

function wantedRenditions({ videos, audios }: VerifyParams): Wanted[] {
  return [
    ...videos.map((video): Wanted => ({ kind: 'video', folder: folderOf('video', video.id), video })),
    ...audios.map((audio): Wanted => ({ kind: 'audio', folder: folderOf('audio', audio.id), audio })),
  ];
}

/** Our playlists give milliseconds at least. */
const TOLERANCE = 0.001;

/** Files of a rendition must be the same in HLS and DASH. */
function checkSameFiles(hls: Listed, dash: Listed, findings: Findings): void {
  const names = ({ segments }: Listed): string =>
    segments.map(({ init, path }) => `${init} ${path}`).join(' ');
  if (names(hls) !== names(dash)) {
    findings.add(
      'manifests-differ',
      hls.file,
      `it names ${hls.segments.length} segments, ${dash.file} ${dash.segments.length}, or other files`,
    );
  }
}

/** Rules of HLS leave a playlist some milliseconds; those of hullcast are exact. */
function checkDurations({ listed, track }: ListedTrack, findings: Findings): void {
  for (const { path, seconds, facts } of listed.segments) {
    const times = facts?.tracks[0];
    const played = times && playedSeconds(times, track.timescale);
    if (played === undefined || Math.abs(played - seconds) <= TOLERANCE + 1 / track.timescale) continue;
    const said = `${path} is said to last ${seconds} s, it lasts ${played.toFixed(6)} s`;
    findings.add('playlist-duration', listed.file, said);
  }
}

/** The one track of a rendition, where it has one of the kind that it should. */
function trackOf(kind: 'video' | 'audio', listed: Listed, findings: Findings): ListedTrack | undefined {
  const tracks = initOf(listed)?.tracks;
  if (!tracks) return undefined; // nothing of it can be read, which is a finding of the rules
  const [track] = tracks;
  if (track && tracks.length === 1 && track.kind === kind && track.timescale > 0) return { listed, track };
  const found = tracks.map((each) => each.kind).join(' and ') || 'no';
  findings.add('init-tracks', listed.init, `it holds ${found} tracks, not one of ${kind}`);
  return undefined;
}

/** Colours of all initialisation segments of pictures. */
function checkColours(listed: Listed, video: VideoInput, findings: Findings): void {
  for (const [file, init] of initsOf(listed)) {
    // One that begins in the clear has two sample entries.
    for (const entry of init?.tracks[0]?.entries ?? []) checkColour(entry, video, file, findings);
  }
}

/** Holds one rendition's segments against the plan and both manifests against each other. */
function inspect(wanted: Wanted, seconds: number, { hls, dash, findings }: PackageView): void {
  const { kind, folder } = wanted;
  const [listed, represented] = [hls.get(folder), dash.get(folder)];
  const inHls = listed !== undefined || (wanted.kind === 'audio' && isDashOnly(wanted.audio));
  if (!inHls || !represented) {
    const where = [inHls ? [] : 'HLS', represented ? [] : 'DASH'].flat().join(' and ');
    findings.add('rendition-missing', folder, `the rendition is not in ${where}`);
  } else if (listed) checkSameFiles(listed, represented, findings);
  const described = listed ?? represented;
  const one = described && trackOf(kind, described, findings);
  if (!one) return;
  if (listed) checkDurations(one, findings);
  if (wanted.kind === 'audio') return checkAudio(one, wanted.audio, seconds, findings);
  checkVideo(one, wanted.video, findings);
  checkColours(one.listed, wanted.video, findings);
}

/** Segments that no manifest names would be published for nothing, or are missing from a playlist. */
function checkUnlisted(files: readonly PackagedFile[], { hls, dash, texts, findings }: PackageView): void {
  const lists = [...hls.values(), ...dash.values(), ...texts];
  const listed = new Set(lists.flatMap(({ segments }) => segments.map(({ path }) => path)));
  for (const { path } of files) {
    // The storyboard is for pages, which bring it to a player themselves.
    if (/\.(?:m4s|vtt)$/.test(path) && path !== STORYBOARD && !listed.has(path)) {
      findings.add('file-unlisted', path, 'it is in the package, but no manifest names it');
    }
  }
}

/** All that the plan of the title says of the package. `seconds` is the title's length. */
export async function checkRenditions(
  params: VerifyParams,
  seconds: number,
  view: PackageView,
): Promise<void> {
  const { dashSeconds, findings } = view;
  if (dashSeconds !== undefined && Math.abs(dashSeconds - seconds) > TOLERANCE) {
    const said = `mediaPresentationDuration is ${dashSeconds} s, the title lasts ${seconds} s`;
    findings.add('mpd-duration', MANIFEST, said);
  }
  for (const wanted of wantedRenditions(params)) inspect(wanted, seconds, view);
  checkUnlisted(params.files, view);
  await checkThumbnails(seconds, view);
  checkEncryption(params, view);
}
