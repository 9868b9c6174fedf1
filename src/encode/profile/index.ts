import type { Codec } from '../types.js';
import { av1 } from './av1.js';
import { h264 } from './h264.js';
import { hevc } from './hevc.js';
import type { CodecProfile } from './profile.js';
import { vp9 } from './vp9.js';

export type { CodecProfile } from './profile.js';

const PROFILES: Record<Codec, CodecProfile> = { h264, hevc, av1, vp9 };

export function profileOf(codec: Codec): CodecProfile {
  return PROFILES[codec];
}
