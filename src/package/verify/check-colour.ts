import { isDeepStrictEqual } from 'node:util';
import { type CodePoints, codePointsOf, rangeOfTransfer } from '../cicp.js';
import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import type { VideoInput } from '../types.js';
import type { OnDisk } from './disk.js';
import type { Findings } from './findings.js';
import type { Listed } from './listing.js';
import type { DashColour } from './read-dash-colour.js';
import type { HlsVariant } from './read-hls.js';

function words(points: Partial<CodePoints> | undefined): string {
  return points ? `${points.primaries}/${points.transfer}/${points.matrix}` : 'none';
}

/** The colour description and the light levels of an initialisation segment against the rendition's. */
export function checkInitColour(listed: Listed, disk: OnDisk, video: VideoInput, findings: Findings): void {
  const track = disk.init?.tracks[0];
  if (!track) return; // reported as unreadable
  const planned = video.colour && codePointsOf(video.colour);
  if (planned && !isDeepStrictEqual(track.colour, planned)) {
    findings.add('colour-wrong', listed.init, `its colour is ${words(track.colour)}, not ${words(planned)}`);
  }
  if (!isDeepStrictEqual(track.light, video.hdr ?? {})) {
    const [found, wanted] = [track.light, video.hdr ?? {}].map((light) => JSON.stringify(light));
    findings.add('light-wrong', listed.init, `its HDR metadata is ${found}, not ${wanted}`);
  }
}

/** VIDEO-RANGE of every variant against the media behind it; `disks` by folder. */
export function checkVideoRanges(
  variants: readonly HlsVariant[],
  disks: ReadonlyMap<string, OnDisk>,
  findings: Findings,
): void {
  for (const { playlist, range } of variants) {
    const colour = disks.get(playlist.slice(0, playlist.lastIndexOf('/')))?.init?.tracks[0]?.colour;
    const expected = colour && rangeOfTransfer(colour.transfer);
    if (expected === undefined || range === expected) continue;
    findings.add(
      'video-range-wrong',
      MASTER_PLAYLIST,
      `${playlist}: VIDEO-RANGE is ${range ?? 'missing'}, the pictures are ${expected}`,
    );
  }
}

/** Properties of every adaptation set against the media in it, of which all must have one range. */
export function checkDashColours(
  sets: readonly DashColour[],
  disks: ReadonlyMap<string, OnDisk>,
  findings: Findings,
): void {
  for (const { folders, points } of sets) {
    const colours = folders.flatMap((folder) => disks.get(folder)?.init?.tracks[0]?.colour ?? []);
    const ranges = new Set(colours.map(({ transfer }) => rangeOfTransfer(transfer)));
    if (ranges.size > 1) {
      const mixed = [...ranges].join(' and ');
      findings.add('ranges-mixed', MANIFEST, `${folders.join(', ')}: ${mixed} in one adaptation set`);
    }
    const other = colours.find((colour) => !isDeepStrictEqual(colour, points));
    if (other) {
      const said = `${folders.join(', ')}: the properties say ${words(points)}, the media ${words(other)}`;
      findings.add('colour-wrong', MANIFEST, said);
    }
  }
}
