import { posix } from 'node:path';
import { parse, setOptions, type types } from 'hls-parser';
import { toNumber } from '../../../media/index.js';
import { codecLevel } from '../devices/codec-level.js';
import { EPOCH, dateRange, saysMarkers } from '../hls/date-ranges.js';
import type { Device } from '../manifests.js';
import type { DeliveryPlan, DeviceClass, Origin, VideoFacts } from '../types.js';

// Violations throw instead of being printed.
setOptions({ strictMode: true, silent: true });

export interface Expected {
  plan: DeliveryPlan;
  /** Paths of the package. */
  paths: ReadonlySet<string>;
}

/** The server that a URI names; of one whose folder lies in that of another, the inner one. */
function originOf(uri: string, origins: readonly Origin[]): Origin | undefined {
  return origins.filter(({ url }) => uri.startsWith(url)).sort((a, b) => b.url.length - a.url.length)[0];
}

/** Path in the package of a URI, whichever server it names; undefined for a file that is not there. */
export function pathOf(uri: string, { plan, paths }: Expected): string | undefined {
  const origin = originOf(uri, plan.origins);
  const path = origin ? uri.slice(origin.url.length) : uri;
  return paths.has(path) ? path : undefined;
}

export const same = (a: Iterable<string>, b: Iterable<string>): boolean =>
  JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());

/** What of a class a stream breaks, by what a manifest says of it. */
export function brokenCaps(
  said: { codecs: string; width?: number; height?: number; frameRate?: number; range?: string | undefined },
  device: DeviceClass,
): string[] {
  const levels = said.codecs.split(',').flatMap((codec) => codecLevel(codec) ?? []);
  const lines = Math.min(said.width ?? Infinity, said.height ?? Infinity);
  return [
    ...levels.flatMap(({ codec, level }) =>
      level <= Number(device.maxLevel[codec] ?? 0) ? [] : [`${codec} of level ${level}`],
    ),
    ...(lines <= device.maxHeight ? [] : [`${lines} lines`]),
    // Manifests round rates to thousandths.
    ...((said.frameRate ?? 0) <= device.maxFrameRate + 0.001 ? [] : [`${said.frameRate} frames a second`]),
    ...(device.hdr || (said.range ?? 'SDR') === 'SDR' ? [] : [`pictures in ${said.range}`]),
  ];
}

const idOf = (path: string | undefined): string => path?.split('/')[1] ?? '';

function variantFaults(variant: types.Variant, facts: VideoFacts | undefined, expected: Expected): string[] {
  const uris = [variant.uri, ...[...variant.audio, ...variant.subtitles].flatMap(({ uri }) => uri ?? [])];
  const missing = uris.filter((uri) => pathOf(uri, expected) === undefined);
  const average = variant.averageBandwidth ?? variant.bandwidth;
  return [
    ...missing.map((uri) => `${uri} is not in the package`),
    ...(variant.bandwidth >= average && average > 0 ? [] : [`${variant.uri} has a peak below its average`]),
    ...(facts && toNumber(facts.fps) > 0 ? [] : [`${variant.uri} is no rendition of the title`]),
  ];
}

/** Holds a master playlist, read by hls-parser, against what should be in it; for all classes, or for one. */
export function checkMaster(text: string, expected: Expected, device?: Device): string[] {
  const master = parse(text);
  if (!master.isMasterPlaylist) return ['it is no master playlist'];
  const { facts, origins } = expected.plan;
  const faults: string[] = [];
  const videos = device?.videos ?? facts.videos.map(({ id }) => id);
  for (const iframes of [false, true]) {
    const own = master.variants.filter(({ isIFrameOnly }) => (isIFrameOnly === true) === iframes);
    if (iframes && own.length === 0) continue;
    const all: Origin = { id: 'all', url: '' };
    for (const { id } of origins.length > 0 ? origins : [all]) {
      const listed = own
        .filter(({ uri }) => (originOf(uri, origins) ?? all).id === id)
        .map(({ uri }) => idOf(pathOf(uri, expected)));
      if (!same(listed, videos))
        faults.push(`it lists ${listed.join(', ')} at ${id}, not ${videos.join(', ')}`);
    }
  }
  for (const variant of master.variants) {
    const id = idOf(pathOf(variant.uri, expected));
    faults.push(
      ...variantFaults(
        variant,
        facts.videos.find((video) => video.id === id),
        expected,
      ),
    );
    if (!device) continue;
    const said = { codecs: variant.codecs ?? '', ...variant.resolution, range: variant.videoRange };
    const rate = variant.frameRate === undefined ? {} : { frameRate: variant.frameRate };
    faults.push(...brokenCaps({ ...said, ...rate }, device.device).map((cap) => `${variant.uri} has ${cap}`));
    const sounds = variant.audio.map(({ uri }) => idOf(uri && pathOf(uri, expected)));
    if (!sounds.every((sound) => device.audios.includes(sound)))
      faults.push(`${variant.uri} has other sound`);
  }
  return faults;
}

/** Holds a dated media playlist, read by hls-parser, against the one of the package and the markers. */
export function checkMedia(path: string, text: string, before: string, expected: Expected): string[] {
  const [now, old] = [parse(text), parse(before)];
  if (now.isMasterPlaylist || old.isMasterPlaylist) return ['it is no media playlist'];
  const line = ({ uri, duration }: types.Segment): string =>
    `${duration} ${posix.join(posix.dirname(path), uri)}`;
  const { markers, fps } = expected.plan;
  const wanted = saysMarkers(path) ? markers : [];
  const faults = wanted.flatMap((marker) => {
    const found = text.split('\n').filter((each) => each === dateRange(marker, fps)).length;
    return found === (marker.inManifests ? 1 : 0) ? [] : [`it says ${marker.id} ${found} times`];
  });
  if (JSON.stringify(now.segments.map(line)) !== JSON.stringify(old.segments.map(line))) {
    faults.push('its segments are others than in the package');
  }
  if (now.segments[0]?.programDateTime?.getTime() !== EPOCH) faults.push('its first segment is not dated');
  for (const { dateRange: range } of now.segments) {
    const marker = range && markers.find(({ id }) => id === range.id);
    if (
      range &&
      Math.abs(range.start!.getTime() - EPOCH - (1000 * (marker?.startFrame ?? NaN) * fps.den) / fps.num) > 1
    )
      faults.push(`${range.id} begins at another time`);
  }
  return faults;
}
