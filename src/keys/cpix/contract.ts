import type { KeyLabel } from '../types.js';
import { xml } from './xml.js';

/** Pixels of the largest SD picture, 1024×576, and of the largest HD picture, 1920×1080. */
const SD_PIXELS = 589_824;
const HD_PIXELS = 2_073_600;

/**
 * What SPEKE 2.0 calls the encryption contract: what each key is for. SD, HD and UHD are those of its preset
 * PRESET-VIDEO-3, AUDIO that of PRESET-AUDIO-1, ALL that of SHARED. The values of `intendedTrackType` are the labels.
 */
const FILTERS: Readonly<Record<KeyLabel, readonly string[]>> = {
  SD: [xml('cpix:VideoFilter', { maxPixels: SD_PIXELS })],
  HD: [xml('cpix:VideoFilter', { minPixels: SD_PIXELS + 1, maxPixels: HD_PIXELS })],
  UHD: [xml('cpix:VideoFilter', { minPixels: HD_PIXELS + 1 })],
  AUDIO: [xml('cpix:AudioFilter')],
  ALL: [xml('cpix:VideoFilter'), xml('cpix:AudioFilter')],
};

/** ContentKeyUsageRule of a key, given by its UUID; `periodId` is that of its key period, where there is one. */
export function usageRule(kid: string, label: KeyLabel, periodId: string | undefined): string {
  const period = periodId === undefined ? [] : [xml('cpix:KeyPeriodFilter', { periodId })];
  return xml('cpix:ContentKeyUsageRule', { kid, intendedTrackType: label }, ...period, ...FILTERS[label]);
}
