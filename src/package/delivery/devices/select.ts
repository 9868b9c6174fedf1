import { toNumber } from '../../../media/index.js';
import type { AudioFacts, DeviceClass, TitleFacts, VideoFacts } from '../types.js';
import { audioFamily, codecLevel } from './codec-level.js';

/** Ids of the renditions that a class gets, in the order of the title. */
export interface Selection {
  videos: string[];
  audios: string[];
  /** The same for HLS and DASH, whose forms of text differ. */
  texts: { hls: string[]; dash: string[] };
}

/** Why a class does not get a rendition, in plain words; undefined where it does. */
export function videoObstacle(video: VideoFacts, device: DeviceClass): string | undefined {
  const known = codecLevel(video.codecs);
  const most = known && device.maxLevel[known.codec];
  const lines = Math.min(video.width, video.height);
  const rate = toNumber(video.fps);
  if (!known || most === undefined) return `its devices do not play ${known?.codec ?? video.codecs}`;
  if (video.range !== 'SDR' && !device.hdr) return `it is ${video.range}, and its devices show SDR`;
  if (lines > device.maxHeight) return `${lines} lines are more than ${device.maxHeight}`;
  if (known.level > Number(most)) return `level ${known.level.toFixed(1)} is above ${most}`;
  // NTSC rates are below the whole number that is meant; nothing has to be allowed for them.
  if (rate > device.maxFrameRate)
    return `${rate.toFixed(2)} frames a second are more than ${device.maxFrameRate}`;
  if (video.averageBitrate > device.maxBitrate) {
    return `${Math.round(video.averageBitrate / 1000)} kbit/s are more than ${Math.round(device.maxBitrate / 1000)}`;
  }
  return undefined;
}

export function audioObstacle(audio: AudioFacts, device: DeviceClass): string | undefined {
  const family = audioFamily(audio.codecs);
  if (family === undefined || !device.audio.includes(family)) {
    return `its devices do not play ${family ?? audio.codecs}`;
  }
  return audio.channels > device.maxChannels
    ? `${audio.channels} channels are more than ${device.maxChannels}`
    : undefined;
}

function protectionObstacle({ protection }: TitleFacts, device: DeviceClass): string | undefined {
  if (!protection) return undefined;
  if (!device.schemes.includes(protection.scheme)) {
    return `the title is encrypted with ${protection.scheme}, and its devices decrypt ${device.schemes.join(', ') || 'nothing'}`;
  }
  return protection.systems.some((system) => device.drm.includes(system))
    ? undefined
    : `the title is for ${protection.systems.join(', ')}, and its devices have ${device.drm.join(', ') || 'no DRM'}`;
}

/** The obstacles of all renditions, each once, with how many it concerns. */
function reasons(obstacles: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const obstacle of obstacles) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count > 1 ? `${text} (${count} renditions)` : text)).join('; ');
}

/** What of a title a class gets, or why it gets nothing. */
export function selectFor(
  title: TitleFacts,
  device: DeviceClass,
): { selection: Selection; lostTracks: number[] } | { obstacle: string } {
  const locked = protectionObstacle(title, device);
  if (locked !== undefined) return { obstacle: locked };
  const videos = title.videos.map((video) => ({ id: video.id, obstacle: videoObstacle(video, device) }));
  const audios = title.audios.map((audio) => ({ ...audio, obstacle: audioObstacle(audio, device) }));
  const played = audios.filter(({ obstacle }) => obstacle === undefined);
  if (videos.every(({ obstacle }) => obstacle !== undefined)) {
    return { obstacle: `no picture is left: ${reasons(videos.flatMap(({ obstacle }) => obstacle ?? []))}` };
  }
  if (audios.length > 0 && played.length === 0) {
    return { obstacle: `no sound is left: ${reasons(audios.flatMap(({ obstacle }) => obstacle ?? []))}` };
  }
  const tracks = new Set(played.map(({ track }) => track));
  const lost = new Set(title.audios.map(({ track }) => track).filter((track) => !tracks.has(track)));
  const has = (...forms: DeviceClass['text'][number][]): boolean =>
    forms.some((form) => device.text.includes(form));
  return {
    lostTracks: [...lost],
    selection: {
      videos: videos.flatMap(({ id, obstacle }) => (obstacle === undefined ? [id] : [])),
      audios: played.map(({ id }) => id),
      texts: { hls: has('webvtt') ? [...title.texts] : [], dash: has('wvtt') ? [...title.texts] : [] },
    },
  };
}
