import { parse, setOptions, type types } from 'hls-parser';
import { MASTER_PLAYLIST } from '../packager/args.js';
import type { Findings } from './findings.js';
import { type Listing, type ReadText, folderOfInit, resolvePath } from './listing.js';

// Violations throw instead of being printed.
setOptions({ strictMode: true, silent: true });

export interface HlsVariant {
  /** Media playlist of the pictures. */
  playlist: string;
  /** Media playlists of the audio renditions that it may play with. */
  audio: string[];
  peak: number;
  average: number | undefined;
  codecs: string[];
  iframesOnly: boolean;
  /** VIDEO-RANGE; undefined where it is not said. */
  range: string | undefined;
  /** Media playlists of the texts that it may play with. */
  texts: string[];
}

/** A text track as the master playlist describes it. */
export interface HlsText {
  /** Its media playlist. */
  file: string;
  segments: { path: string; seconds: number }[];
  name: string;
  language: string | undefined;
  forced: boolean;
  isDefault: boolean;
  characteristics: string[];
}

export interface IframeList {
  file: string;
  frames: { path: string; offset: number; length: number; seconds: number }[];
}

export interface HlsPackage {
  renditions: Listing;
  variants: HlsVariant[];
  iframes: IframeList[];
  texts: HlsText[];
}

async function readPlaylist(
  path: string,
  read: ReadText,
  findings: Findings,
): Promise<types.MasterPlaylist | types.MediaPlaylist | undefined> {
  const text = await read(path);
  if (text === undefined) {
    findings.add('file-missing', path, 'the playlist is not in the package');
    return undefined;
  }
  try {
    return parse(text);
  } catch (error) {
    findings.add('manifest-unreadable', path, `the playlist cannot be parsed: ${String(error)}`);
    return undefined;
  }
}

function variantOf(variant: types.Variant): HlsVariant {
  return {
    playlist: resolvePath(MASTER_PLAYLIST, variant.uri),
    audio: variant.audio.flatMap(({ uri }) => (uri === undefined ? [] : [resolvePath(MASTER_PLAYLIST, uri)])),
    peak: variant.bandwidth,
    average: variant.averageBandwidth,
    codecs: (variant.codecs ?? '').split(','),
    iframesOnly: variant.isIFrameOnly === true,
    range: variant.videoRange,
    texts: variant.subtitles.flatMap(({ uri }) =>
      uri === undefined ? [] : [resolvePath(MASTER_PLAYLIST, uri)],
    ),
  };
}

async function readMedia(path: string, read: ReadText, findings: Findings, into: Listing): Promise<void> {
  const playlist = await readPlaylist(path, read, findings);
  if (!playlist) return;
  if (playlist.isMasterPlaylist || !playlist.endlist || !playlist.segments[0]?.map) {
    findings.add('manifest-unreadable', path, 'this is no complete playlist of fMP4 segments');
    return;
  }
  const init = resolvePath(path, playlist.segments[0].map.uri);
  into.set(folderOfInit(init), {
    file: path,
    init,
    segments: playlist.segments.map(({ uri, duration, key }) => ({
      path: resolvePath(path, uri),
      seconds: duration,
      keyed: key !== undefined && key !== null,
    })),
    targetDuration: playlist.targetDuration,
  });
}

async function readIframes(path: string, read: ReadText, findings: Findings): Promise<IframeList[]> {
  const playlist = await readPlaylist(path, read, findings);
  if (!playlist || playlist.isMasterPlaylist) return [];
  const frames = playlist.segments.map(({ uri, byterange, duration }) => ({
    path: resolvePath(path, uri),
    offset: byterange?.offset ?? 0,
    length: byterange?.length ?? 0,
    seconds: duration,
  }));
  return [{ file: path, frames }];
}

async function readText(
  path: string,
  said: types.Variant['subtitles'][number],
  read: ReadText,
  findings: Findings,
): Promise<HlsText[]> {
  const playlist = await readPlaylist(path, read, findings);
  if (!playlist) return [];
  if (playlist.isMasterPlaylist || !playlist.endlist) {
    findings.add('manifest-unreadable', path, 'this is no complete playlist of text');
    return [];
  }
  const { name, language, forced, isDefault, characteristics } = said;
  const segments = playlist.segments.map(({ uri, duration }) => ({
    path: resolvePath(path, uri),
    seconds: duration,
  }));
  return [
    {
      file: path,
      segments,
      name,
      language,
      forced,
      isDefault,
      characteristics: (characteristics ?? '').split(','),
    },
  ];
}

/** Reads the master playlist and everything that it names. */
export async function readHls(read: ReadText, findings: Findings): Promise<HlsPackage> {
  const result: HlsPackage = { renditions: new Map(), variants: [], iframes: [], texts: [] };
  const master = await readPlaylist(MASTER_PLAYLIST, read, findings);
  if (!master) return result;
  if (!master.isMasterPlaylist) {
    findings.add('manifest-unreadable', MASTER_PLAYLIST, 'this is a media playlist');
    return result;
  }
  result.variants = master.variants.map(variantOf);
  const played = result.variants.filter(({ iframesOnly }) => !iframesOnly);
  for (const path of new Set(played.flatMap(({ playlist, audio }) => [playlist, ...audio]))) {
    await readMedia(path, read, findings, result.renditions);
  }
  for (const { playlist } of result.variants.filter(({ iframesOnly }) => iframesOnly)) {
    result.iframes.push(...(await readIframes(playlist, read, findings)));
  }
  const texts = master.variants.flatMap(({ subtitles }) => subtitles);
  for (const path of new Set(result.variants.flatMap(({ texts }) => texts))) {
    const said = texts.find(({ uri }) => uri !== undefined && resolvePath(MASTER_PLAYLIST, uri) === path);
    if (said) result.texts.push(...(await readText(path, said, read, findings)));
  }
  return result;
}
