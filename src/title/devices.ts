import type { Codec } from '../encode/index.js';

/** What the weakest device of a class is sure to play. */
export interface DeviceClass {
  /** Largest shorter side, pixels. */
  maxHeight: number;
  /** Highest average bit rate of a rung, bit/s. */
  maxBitrate: number;
  /** Highest level by codec; a codec that is not named is not played. */
  maxLevel: Readonly<Partial<Record<Codec, string>>>;
}

/**
 * Device classes. Sources:
 * - Android Compatibility Definition Document, 2.3.2 and 5.3 (video decoding): televisions take H.264 High 4.2 and HEVC
 *   Main 4.1 at 1080p60, and, where they show UHD, HEVC Main10 and VP9 at 2160p60; every device takes H.264 3.1 with
 *   720p30 and HEVC Main 3.0, and VP9 at 720×480; 1080p at 30 frames a second needs level 4.0.
 * - CMAF (ISO/IEC 23000-19) media profiles: cfhd (H.264 High 4.0), chdf (4.2), chh1 (HEVC Main10 4.1), cud1 (5.1).
 * - Apple's HLS authoring specification: no more than 7.8 Mbit/s for 1080p H.264.
 *
 * AV1 has the level that the class's size and 60 frames a second need (2160p60: 5.1, 1080p60: 4.1), at 30 for mobile.
 * Average bit rates: half of the peak that HEVC's level allows in Main tier (5.1: 40, 4.1: 20, 4.0: 12 Mbit/s), since a
 * segment may be twice its rendition's average; for the web Apple's figure; for legacy half of the 8 Mbit/s that Android
 * asks of 720p H.264.
 */
export const DEVICES = {
  'tv-4k': {
    maxHeight: 2160,
    maxBitrate: 20_000_000,
    maxLevel: { h264: '4.2', hevc: '5.1', av1: '5.1', vp9: '5.1' },
  },
  'tv-hd': {
    maxHeight: 1080,
    maxBitrate: 10_000_000,
    maxLevel: { h264: '4.2', hevc: '4.1', av1: '4.1', vp9: '4.1' },
  },
  web: {
    maxHeight: 1080,
    maxBitrate: 7_800_000,
    maxLevel: { h264: '4.2', hevc: '4.1', av1: '4.1', vp9: '4.1' },
  },
  mobile: {
    maxHeight: 1080,
    maxBitrate: 6_000_000,
    maxLevel: { h264: '4.0', hevc: '4.0', av1: '4.0', vp9: '4.0' },
  },
  legacy: { maxHeight: 720, maxBitrate: 4_000_000, maxLevel: { h264: '3.1', hevc: '3.0', vp9: '3.0' } },
} as const satisfies Record<string, DeviceClass>;

export type DeviceName = keyof typeof DEVICES;

export const DEVICE_NAMES = Object.keys(DEVICES) as [DeviceName, ...DeviceName[]];

/** The class of that name. */
export function deviceClass(name: DeviceName): DeviceClass {
  return DEVICES[name];
}
