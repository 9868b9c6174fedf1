import { SecretKey } from '../../../src/keys/index.js';
import type { Protection } from '../../../src/package/drm/protection.js';
import type { AudioRendition, Encryption, PackageParams, VideoInput } from '../../../src/package/index.js';

export const SD_KID = '10'.repeat(16);
export const HD_KID = '20'.repeat(16);
export const AUDIO_KID = '30'.repeat(16);

const blob = { sha256: '0'.repeat(64), bytes: 1 };

export function video(over: Partial<VideoInput> = {}): VideoInput {
  return {
    ...{ id: 'v1', blob, width: 320, height: 180, frames: 192, fps: { num: 24, den: 1 } },
    ...{ averageBitrate: 1, peakBitrate: 1, segmentStarts: [0, 48, 90, 144] },
    ...over,
  };
}

export function audio(over: Partial<AudioRendition> = {}): AudioRendition {
  return {
    ...{ id: 'a1', track: 0, language: 'en', default: true, channels: 2, codecString: 'mp4a.40.2' },
    ...{ sampleRate: 48_000, bitrate: 128_000, blob },
    ...over,
  };
}

export function encryption(over: Partial<Encryption> = {}): Encryption {
  return {
    ...{ scheme: 'cbcs', contentId: 'c', keyService: 'memory', preset: 'tiers', clearLeadSeconds: 0 },
    keys: [
      { label: 'SD', kid: SD_KID },
      { label: 'HD', kid: HD_KID },
      { label: 'AUDIO', kid: AUDIO_KID },
    ],
    systems: ['widevine'],
    ...over,
  };
}

export function packageParams(over: Partial<PackageParams> = {}): PackageParams {
  return { videos: [video()], audios: [audio()], segmentSeconds: 2, encryption: encryption(), ...over };
}

/** Keys in which every byte is the same. */
export function protection(over: Partial<Encryption> = {}): Protection {
  const rendition = (id: string, label: 'SD' | 'AUDIO', kid: string, byte: number) =>
    [id, { id, label, kid, iv: 'ab'.repeat(16), key: new SecretKey(Buffer.alloc(16, byte)) }] as const;
  return {
    encryption: encryption(over),
    period: { index: 0, startFrame: 0, endFrame: 192 },
    renditions: new Map([rendition('v1', 'SD', SD_KID, 1), rendition('a1', 'AUDIO', AUDIO_KID, 3)]),
    signalling: [],
  };
}
