import type { NamedClass, TitleFacts, VideoFacts } from '../../../src/package/index.js';

export const FPS = { num: 24, den: 1 } as const;

export function video(id: string, over: Partial<VideoFacts> = {}): VideoFacts {
  return {
    ...{
      id,
      codecs: 'avc1.64001f',
      width: 1280,
      height: 720,
      fps: FPS,
      averageBitrate: 2_000_000,
      range: 'SDR',
    },
    ...over,
  };
}

/** A class that plays little: 720p30 in H.264, 2 Mbit/s, stereo AAC. */
export function device(over: Partial<NamedClass> = {}): NamedClass {
  return {
    ...{ name: 'small', maxLevel: { h264: '4.0' }, maxHeight: 720, maxBitrate: 2_000_000, maxFrameRate: 30 },
    ...{
      hdr: false,
      audio: ['aac'],
      maxChannels: 2,
      text: ['webvtt', 'wvtt'],
      drm: ['widevine'],
      schemes: ['cbcs'],
    },
    ...over,
  };
}

/** Two rungs, a stereo and a surround form of one track, and a text. */
export function facts(): TitleFacts {
  return {
    videos: [video('high', { width: 1920, height: 1080, averageBitrate: 4_000_000 }), video('low')],
    audios: [
      { id: 'aac', track: 0, codecs: 'mp4a.40.2', channels: 2 },
      { id: 'eac3', track: 0, codecs: 'ec-3', channels: 6 },
    ],
    texts: ['text-en'],
  };
}
