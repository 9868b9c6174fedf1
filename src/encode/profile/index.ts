import type { Codec } from '../types.js';
import { h264 } from './h264.js';
import type { CodecProfile } from './profile.js';

export type { CodecProfile } from './profile.js';

const PROFILES: Record<Codec, CodecProfile> = { h264 };

export function profileOf(codec: Codec): CodecProfile {
  return PROFILES[codec];
}
