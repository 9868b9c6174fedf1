import { parse } from 'mpd-parser';
import { frameSeconds } from '../../../media/index.js';
import { MARKER_SCHEME } from '../dash/events.js';
import type { Device } from '../manifests.js';
import { type Expected, brokenCaps, pathOf, same } from './hls.js';

/** What of mpd-parser's result is used. */
interface Mpd {
  playlists: Playlist[];
  mediaGroups: Record<'AUDIO' | 'SUBTITLES', Record<string, Record<string, { playlists: Playlist[] }>>>;
  eventStream?: { schemeIdUri: string; start: number; end: number }[];
  contentSteering?: { serverURL: string; defaultServiceLocation: string };
}

interface Playlist {
  attributes: {
    NAME: string;
    CODECS: string;
    RESOLUTION?: { width: number; height: number };
    'FRAME-RATE'?: number;
    serviceLocation?: string;
  };
  segments: { resolvedUri: string; map?: { resolvedUri: string } }[];
}

const ROOT = 'file:///package/';

function missing({ segments }: Playlist, expected: Expected): string[] {
  const uris = segments.flatMap(({ resolvedUri, map }) => [resolvedUri, ...(map ? [map.resolvedUri] : [])]);
  const path = (uri: string): string =>
    uri.startsWith(ROOT) ? decodeURIComponent(uri.slice(ROOT.length)) : uri;
  return [...new Set(uris)].filter((uri) => pathOf(path(uri), expected) === undefined);
}

/** Starts of periods are rounded to microseconds. */
const ROUNDING = 2e-6;

function eventFaults(events: Mpd['eventStream'], { plan }: Expected): string[] {
  const { fps, markers } = plan;
  const wanted = markers
    .filter(({ inManifests }) => inManifests)
    .map((one) => [frameSeconds(one.startFrame, fps), frameSeconds(one.endFrame, fps)] as const);
  const said = (events ?? []).filter(({ schemeIdUri }) => schemeIdUri === MARKER_SCHEME);
  const same = said.every(({ start, end }, index) => {
    const [from, to] = wanted[index] ?? [NaN, NaN];
    return Math.abs(start - from) <= ROUNDING && Math.abs(end - to) <= ROUNDING;
  });
  const found = said.map(({ start, end }) => `${start.toFixed(6)} to ${end.toFixed(6)}`);
  return same && said.length === wanted.length ? [] : [`its events are ${found.join(', ')}`];
}

/** Whether these are the wanted renditions, at all servers, and all their files are there. */
function listFaults(playlists: readonly Playlist[], wanted: readonly string[], expected: Expected): string[] {
  const { origins } = expected.plan;
  const names = playlists.map(({ attributes }) => attributes.NAME);
  const servers = playlists.map(({ attributes }) => attributes.serviceLocation ?? '');
  const ids = origins.length > 0 && wanted.length > 0 ? origins.map(({ id }) => id) : wanted.map(() => '');
  return [
    ...(same(names, wanted) ? [] : [`it lists ${names.join(', ')}, not ${wanted.join(', ')}`]),
    ...(same(servers, ids) ? [] : [`it names the servers ${[...new Set(servers)].join(', ')}`]),
    ...playlists.flatMap((each) => missing(each, expected)).map((uri) => `${uri} is not there`),
  ];
}

function capFaults(playlists: readonly Playlist[], { device }: Device): string[] {
  return playlists.flatMap(({ attributes }) => {
    const rate = attributes['FRAME-RATE'] === undefined ? {} : { frameRate: attributes['FRAME-RATE'] };
    const said = { codecs: attributes.CODECS, ...attributes.RESOLUTION, ...rate };
    return brokenCaps(said, device).map((cap) => `${attributes.NAME} has ${cap}`);
  });
}

/** What should be in it: everything, or a class's part. */
function wantedOf(
  { plan: { facts } }: Expected,
  device: Device | undefined,
): Record<'videos' | 'audios' | 'texts', readonly string[]> {
  if (device) return { videos: device.videos, audios: device.audios, texts: device.selection.texts.dash };
  return {
    videos: facts.videos.map(({ id }) => id),
    audios: facts.audios.map(({ id }) => id),
    texts: facts.texts,
  };
}

/** Holds an MPD, read by mpd-parser, against what should be in it; for all classes, or for one. */
export function checkMpd(text: string, expected: Expected, device?: Device): string[] {
  const mpd = parse(text, { manifestUri: `${ROOT}manifest.mpd` }) as unknown as Mpd;
  const grouped = (kind: 'AUDIO' | 'SUBTITLES'): Playlist[] =>
    Object.values(mpd.mediaGroups[kind]).flatMap((group) =>
      Object.values(group).flatMap(({ playlists }) => playlists),
    );
  const wanted = wantedOf(expected, device);
  const steered = mpd.contentSteering?.serverURL === expected.plan.steeringUrl;
  return [
    ...eventFaults(mpd.eventStream, expected),
    ...listFaults(mpd.playlists, wanted.videos, expected),
    ...listFaults(grouped('AUDIO'), wanted.audios, expected),
    ...listFaults(grouped('SUBTITLES'), wanted.texts, expected),
    ...(device ? capFaults(mpd.playlists, device) : []),
    ...(steered ? [] : ['it names another steering server']),
  ];
}
