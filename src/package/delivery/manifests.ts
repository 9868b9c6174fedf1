import { posix } from 'node:path';
import type { DrmSystem } from '../../keys/index.js';
import type { Finding } from '../../ingest/index.js';
import { KEYFORMAT } from '../drm/key-lines.js';
import { IFRAME_PLAYLIST, MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import { type Bandwidth, bandwidthOf, targetDuration } from '../packager/bandwidth.js';
import { withBaseUrls } from './dash/base-urls.js';
import { withEvents } from './dash/events.js';
import { REPRESENTATION, attribute, filterMpd } from './dash/filter-mpd.js';
import { type Selection, selectFor } from './devices/select.js';
import { saysMarkers, withDateRanges } from './hls/date-ranges.js';
import { filterMaster } from './hls/filter-master.js';
import { type Tagged, parseMaster, plain, renditionOf } from './hls/master-playlist.js';
import { withPathways } from './hls/pathways.js';
import type { DeliverParams, DeliveryPlan, DeviceManifests, NamedClass, TitleFacts } from './types.js';

/** Texts of the package's manifests and playlists, by path. */
export type ManifestTexts = ReadonlyMap<string, string>;

/** A class's manifests, with what was selected for it. */
export interface Device extends DeviceManifests {
  device: NamedClass;
  selection: Selection;
}

export const hlsPathOf = (name: string): string => `master.${name}.m3u8`;
export const dashPathOf = (name: string): string => `manifest.${name}.mpd`;

/** Bit rates of every media playlist, of the bytes that its segments have. */
export function playlistRates(
  texts: ManifestTexts,
  bytes: ReadonlyMap<string, number>,
): Map<string, Bandwidth> {
  const rates = new Map<string, Bandwidth>();
  for (const [path, text] of texts) {
    if (!path.endsWith('.m3u8') || path.endsWith(IFRAME_PLAYLIST)) continue;
    const segments = [...text.matchAll(/^#EXTINF:([\d.]+).*\n(?:#.*\n)*(.+)$/gm)];
    if (segments.length === 0) continue;
    const sizes = segments.map(([, seconds, uri = '']) => ({
      seconds: Number(seconds),
      bytes: bytes.get(posix.join(posix.dirname(path), uri)) ?? 0,
    }));
    rates.set(
      path,
      bandwidthOf(sizes, Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1] ?? targetDuration(sizes))),
    );
  }
  return rates;
}

/** What makes two keys one. Their IV does not: lines of a media playlist may name one that session keys leave to it. */
function keyIdentity(line: Tagged): string {
  return ['METHOD', 'URI', 'KEYFORMAT'].map((name) => plain(line, name) ?? '').join(' ');
}

/** Keys that playlists name, by the id of their rendition. */
function keysByRendition(texts: ManifestTexts): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>();
  for (const [path, text] of texts) {
    const id = renditionOf(path)?.id;
    if (id === undefined || !path.endsWith('.m3u8')) continue;
    const session = text.replaceAll('#EXT-X-KEY:', '#EXT-X-SESSION-KEY:');
    const lines = parseMaster(session).flatMap((entry) => (entry.kind === 'session-key' ? [entry] : []));
    keys.set(id, new Set([...(keys.get(id) ?? []), ...lines.map(keyIdentity)]));
  }
  return keys;
}

/** The system that a session key is for; undefined for a format that is not known. */
function systemOf(line: Tagged, systems: readonly DrmSystem[]): DrmSystem | undefined {
  const format = plain(line, 'KEYFORMAT');
  const known = (Object.keys(KEYFORMAT) as DrmSystem[]).find((system) => KEYFORMAT[system] === format);
  // Where ClearKey is without Widevine it is said under Widevine's format as well.
  return known === 'widevine' && !systems.includes('widevine') ? 'clearkey' : known;
}

/** Whether a class has use for a session key: its system, and a rendition that the key opens. */
function keyFilter(
  device: NamedClass,
  selection: Selection,
  { protection }: TitleFacts,
  texts: ManifestTexts,
): (line: Tagged) => boolean {
  const keys = keysByRendition(texts);
  const kept = new Set([...selection.videos, ...selection.audios]);
  const named = (of: (id: string) => boolean, identity: string): boolean =>
    [...keys].some(([id, own]) => of(id) && own.has(identity));
  return (line) => {
    const system = systemOf(line, protection?.systems ?? []);
    if (system && !device.drm.includes(system)) return false;
    const identity = keyIdentity(line);
    // A key service may give session keys that no playlist has: they are for all.
    return named((id) => kept.has(id), identity) || !named(() => true, identity);
  };
}

/** The plan with the codecs that the MPD says of every rendition of pictures. */
export function withCodecs(params: DeliverParams, mpd: string): DeliveryPlan {
  const codecs = new Map(
    (mpd.match(REPRESENTATION) ?? []).map((xml) => [attribute(xml, 'id'), attribute(xml, 'codecs') ?? '']),
  );
  const videos = params.facts.videos.map((video) => ({ ...video, codecs: codecs.get(video.id) ?? '' }));
  return { ...params, facts: { ...params.facts, videos } };
}

/** What every class gets, and findings for those that get nothing, or not every track of sound. */
export function selectDevices({ classes, facts }: Pick<DeliveryPlan, 'classes' | 'facts'>): {
  devices: Device[];
  findings: Finding[];
} {
  const devices: Device[] = [];
  const findings: Finding[] = [];
  for (const device of classes) {
    const { name } = device;
    const selected = selectFor(facts, device);
    if ('obstacle' in selected) {
      const message = `there are no manifests for ${name}: ${selected.obstacle}`;
      findings.push({ code: 'device-left-out', severity: 'warning', message });
      continue;
    }
    const { selection, lostTracks } = selected;
    if (lostTracks.length > 0) {
      const message = `${name} has no form of audio track ${lostTracks.join(', ')} that its devices play`;
      findings.push({ code: 'device-track-missing', severity: 'warning', message });
    }
    const { videos, audios, texts } = selection;
    const all = [...new Set([...texts.hls, ...texts.dash])];
    devices.push({
      ...{ name, hls: hlsPathOf(name), dash: dashPathOf(name), videos, audios, texts: all },
      ...{ device, selection },
    });
  }
  return { devices, findings };
}

function deviceMaster(
  device: Device,
  params: DeliveryPlan,
  texts: ManifestTexts,
  rates: Map<string, Bandwidth>,
): string {
  const { selection } = device;
  return filterMaster(texts.get(MASTER_PLAYLIST)!, {
    ...{ videos: selection.videos, audios: selection.audios, texts: selection.texts.hls },
    ...{ allAudios: params.facts.audios, rates },
    keepsKey: keyFilter(device.device, selection, params.facts, texts),
  });
}

function deviceMpd({ device, selection }: Device, { facts }: DeliveryPlan, texts: ManifestTexts): string {
  const { videos, audios, texts: subtitles } = facts;
  return filterMpd(texts.get(MANIFEST)!, {
    all: new Set([...videos.map(({ id }) => id), ...audios.map(({ id }) => id), ...subtitles]),
    kept: new Set([...selection.videos, ...selection.audios, ...selection.texts.dash]),
    systems: device.drm,
  });
}

/**
 * All manifests and playlists that are new or other than in the package: those of the classes, markers in all, several servers
 * in all. Pure.
 */
export function deliveredTexts(
  params: DeliveryPlan,
  devices: readonly Device[],
  texts: ManifestTexts,
): Map<string, string> {
  const { fps, origins, steeringUrl } = params;
  const markers = params.markers.filter(({ inManifests }) => inManifests);
  const bytes = new Map(params.files.map(({ path, blob }) => [path, blob.bytes]));
  const rates = playlistRates(texts, bytes);
  const hls = (master: string): string => withPathways(master, origins, steeringUrl);
  const dash = (mpd: string): string =>
    withBaseUrls(markers.length > 0 ? withEvents(mpd, markers, fps) : mpd, origins, steeringUrl);

  const written = new Map<string, string>();
  for (const device of devices) {
    written.set(device.hls, hls(deviceMaster(device, params, texts, rates)));
    written.set(device.dash, dash(deviceMpd(device, params, texts)));
  }
  written.set(MASTER_PLAYLIST, hls(texts.get(MASTER_PLAYLIST)!));
  written.set(MANIFEST, dash(texts.get(MANIFEST)!));
  if (markers.length > 0) {
    for (const [path, text] of texts) {
      if (!/^#EXTINF:/m.test(text)) continue;
      const own = saysMarkers(path) ? markers : [];
      written.set(path, withDateRanges(text, own, fps));
    }
  }
  return new Map([...written].filter(([path, text]) => texts.get(path) !== text));
}
